"""Checks of shifts: no shift twice, breaks within their shift and apart from one another.

Belongs here: `shifts` of an agent group. Does not belong here: whether shifts suffice (`flow.lint_load`).
"""

from vpbx.scenario.desks import Shift
from vpbx.scenario.findings import Findings
from vpbx.scenario.hours import parse_opening_hours, week_minutes
from vpbx.scenario.tree import Location

WEEK_MIN = 7 * 1440


def check_shifts(found: Findings, path: Location, shifts: tuple[Shift, ...]) -> None:
    """Notes every problem of a group's shifts."""
    for place, shift in enumerate(shifts):
        here = (*path, place)
        twin = next((other for other in shifts[:place] if _same(other, shift)), None)
        if twin is not None:
            message = (
                f'the shift "{shift.works}" stands here twice; write it once, with all its heads'
            )
            found.add((*here, "works"), message, "shift-twice")
        _breaks(found, (*here, "breaks"), shift)


def _same(one: Shift, other: Shift) -> bool:
    """Whether shifts differ in nothing but their heads."""
    times = [week_minutes(parse_opening_hours(shift.works)) for shift in (one, other)]
    return times[0] == times[1] and (one.breaks, one.shrinkage) == (other.breaks, other.shrinkage)


def _breaks(found: Findings, path: Location, shift: Shift) -> None:
    """Each break lies in the shift whenever it touches it, and touches no other break."""
    work = week_minutes(parse_opening_hours(shift.works))
    taken: dict[int, str] = {}
    for place, text in enumerate(shift.breaks):
        off = week_minutes(parse_opening_hours(text))
        inside = off & work
        clash = next((taken[minute] for minute in sorted(inside) if minute in taken), None)
        if not inside:
            found.add((*path, place), f'lies outside the shift "{shift.works}"', "break")
        elif any(stretch & work and stretch - work for stretch in _stretches(off)):
            found.add((*path, place), f'reaches beyond the shift "{shift.works}"', "break")
        elif clash is not None:
            found.add((*path, place), f'overlaps the break "{clash}"', "break")
        taken |= dict.fromkeys(inside, text)


def _stretches(minutes: frozenset[int]) -> list[frozenset[int]]:
    """Minutes of the week parted into runs without a gap; Sunday's end and Monday's start are one."""
    starts = sorted(minute for minute in minutes if (minute - 1) % WEEK_MIN not in minutes)
    found = []
    for start in starts:
        end = start
        while end % WEEK_MIN in minutes:
            end += 1
        found.append(frozenset(minute % WEEK_MIN for minute in range(start, end)))
    return found
