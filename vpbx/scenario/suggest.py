"""Did-you-mean: the nearest known name to one that is not known.

Belongs here: the comparison of names and the words that offer one.
Does not belong here: which names are known (the caller says) and error messages.
"""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name` (case ignored), or None when none is near."""
    by_fold = {other.casefold(): other for other in known}
    close = difflib.get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """'; did you mean "x"?' for the nearest known name, or '' when none is near."""
    found = nearest(name, known)
    return f'; did you mean "{found}"?' if found is not None else ""
