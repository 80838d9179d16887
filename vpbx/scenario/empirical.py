"""Files of measured durations, for `empirical(file.csv)`.

Belongs here: reading one duration a row. Does not belong here: the law made of them
(`distributions`); traces of arrivals (`traffic`).
"""

from pathlib import Path

from vpbx import units

MAX_BYTES = 50_000_000


def read_durations(folder: str | Path, name: str) -> tuple[int, ...]:
    """Microseconds of each row, sorted; raises `ValueError` naming the file and the row.

    A row is a plain number (seconds) or a duration with its unit; a first row that starts with a
    letter is a header; empty rows are passed over.
    """
    values = [
        _duration(name, row, text.strip().strip('"'))
        for row, text in enumerate(_lines(Path(folder) / name, name), 1)
        if text.strip() and not (row == 1 and text.strip('\ufeff" \t')[:1].isalpha())
    ]
    if not values:
        raise ValueError(f"{name}: the file holds no durations")
    return tuple(sorted(values))


def _lines(path: Path, name: str) -> list[str]:
    try:
        if path.exists() and not path.is_file():
            raise ValueError(f"{name}: this is not a file")
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"{name}: the file is larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ValueError(f"{name}: the file is not UTF-8 text") from None
    except FileNotFoundError:
        raise ValueError(f"{name}: there is no such file beside the scenario") from None
    except OSError as error:
        raise ValueError(f"{name}: {error.strerror or error}") from None


def _duration(name: str, row: int, text: str) -> int:
    try:
        return units.duration_us(f"{float(text)!r} s" if _plain(text) else text)
    except units.UnitError:
        raise ValueError(
            f'{name} row {row}: "{text}" is not a duration such as 12.5 (seconds) or 2 min'
        ) from None


def _plain(text: str) -> bool:
    return text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit()
