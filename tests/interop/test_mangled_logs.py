"""Whatever is done to a call log, it is read, its rows refused one by one, or refused with a reason."""

import random
from contextlib import suppress
from pathlib import Path

import pytest
from logs import AT_ONCE, BACKWARDS, CDR, GAVE_UP, HUNG_UP, QUEUE_LOG, TECHNION_HEADER, WAITED

from vpbx.cli.main import code_of
from vpbx.errors import VpbxError
from vpbx.interop.read import read_log

MAP = "columns: {arrived: at, answered: ans, ended: end, agent: who}\n"
MAPPED = (
    "at,ans,end,who\n" + "2024-02-01 08:00:00,2024-02-01 08:00:05,2024-02-01 08:01:00,Ann\n" * 4
)
LOGS = {
    "technion": "\n".join([TECHNION_HEADER, AT_ONCE, WAITED, GAVE_UP, HUNG_UP, BACKWARDS, ""]),
    "queue_log": QUEUE_LOG,
    "cdr": CDR,
    "map.yaml": MAPPED,
}
ODD = (
    b",",
    b"|",
    b'"',
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"-",
    b"9" * 30,
    b"\xd1\x8f",
    b";",
    b"1e9",
    b" ",
)


def mangled(data: bytes, draws: random.Random) -> bytes:
    """One to four cuts, insertions, replacements of bytes, or moves of fields."""
    for _ in range(draws.randint(1, 4)):
        at, length = draws.randrange(len(data) + 1), draws.choice((0, 1, 5, 60))
        data = data[:at] + draws.choice((b"", *ODD)) + data[at + length :]
    return data


@pytest.mark.parametrize("form", LOGS)
def test_mangled_logs(form: str, tmp_path: Path) -> None:
    """150 mutants of each format: calls and refused rows, or one of our errors; no other."""
    (tmp_path / "map.yaml").write_text(MAP, encoding="utf-8")
    how = str(tmp_path / "map.yaml") if form == "map.yaml" else form
    draws, file = random.Random(form), tmp_path / "calls.csv"
    for _ in range(150):
        file.write_bytes(mangled(LOGS[form].encode(), draws))
        with suppress(VpbxError):
            log = read_log(file, how)
            assert len(log.calls.line) + len(log.refused) >= 1


@pytest.mark.parametrize("form", LOGS)
def test_fit_gives_no_scenario_of_what_cannot_be_fitted(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`vpbx fit` on mutants (of logs too short to fit): code 2 with a reason, or a whole scenario."""
    monkeypatch.chdir(tmp_path)
    Path("map.yaml").write_text(MAP, encoding="utf-8")
    draws = random.Random(form)
    for _ in range(10):
        Path("calls.csv").write_bytes(mangled(LOGS[form].encode(), draws))
        code = code_of(["fit", "calls.csv", "--map", form, "-o", "fitted.yaml"])
        said = capsys.readouterr()
        assert code in (0, 2), said.err
        assert (code == 0) == Path("fitted.yaml").exists()
        Path("fitted.yaml").unlink(missing_ok=True)
