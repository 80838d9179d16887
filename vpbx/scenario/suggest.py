"""Did-you-mean: the nearest known name to one that is not known.

Belongs here: the comparison of names and the words that offer one.
Does not belong here: which names are known (the caller says) and error messages.
"""

import difflib
from collections.abc import Iterable

_LIKE_LATIN = dict(zip("аеорсухАВЕКМНОРСТХ", "aeopcyxABEKMHOPCTX", strict=True))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name` (case ignored), or None when none is near."""
    by_fold = {other.casefold(): other for other in known}
    close = difflib.get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """'; did you mean "x"?' for the nearest known name, or '' when none is near."""
    found = nearest(name, known)
    if found is None:
        return ""
    return f'; did you mean "{found}"?{_look_alike(name, found)}'


def _look_alike(name: str, other: str) -> str:
    """Which letter of two names that look the same is of another alphabet."""
    pairs = zip(name, other, strict=False)
    if len(name) != len(other):
        return ""
    differ = [pair for pair in pairs if pair[0] != pair[1]]
    if not differ or any(_LIKE_LATIN.get(a, a) != _LIKE_LATIN.get(b, b) for a, b in differ):
        return ""
    cyrillic = next(letter for letter in differ[0] if letter in _LIKE_LATIN)
    return f" (one of the two has a Cyrillic {cyrillic})"
