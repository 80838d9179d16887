"""Circles among things that lead to one another.

Belongs here: finding them and writing them out. Does not belong here: what leads where.
"""

from collections.abc import Iterable, Iterator, Mapping


def circles(leads: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, ...]]:
    """Each circle that starts at the first of its names: (a, b, c, a); a name is in one at most."""
    told: set[str] = set()
    for start in leads:
        if start not in told and (way := _back(leads, start)) is not None:
            told |= set(way)
            yield way


def _back(leads: Mapping[str, Iterable[str]], start: str) -> tuple[str, ...] | None:
    """The shortest way from a name back to itself."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:
        for name in leads.get(way[-1], ()):
            if name == start:
                return (*way, start)
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return None


def shown(circle: tuple[str, ...]) -> str:
    """`a → b → a`."""
    return " → ".join(circle)
