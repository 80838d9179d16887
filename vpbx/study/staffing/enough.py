"""How many days a staffing is searched on, so that its figures are as precise as asked for.

Belongs here: the stopping rule (`study.precision`) for targets by interval. Does not belong here: the
search.

The first guess says how many days it takes, for its figures vary as much as those of the plan; then
the plan itself is looked at, and searched anew on more days where they were too few.
"""

from vpbx.measures.estimate import replications_needed
from vpbx.study.precision import Stopped, next_count
from vpbx.study.staffing.lab import Ints
from vpbx.study.staffing.pose import Wish
from vpbx.study.staffing.search import Problem, slot_name

_LEVEL = 0.95
_WHOLE = {-1: "over the whole run", -2: "share of days"}


def precise(problem: Problem, staff: Ints, wish: Wish, looks: int) -> Stopped:
    """Whether the figures of a staffing are as precise as asked for, on the days of the search."""
    need, worst = (problem.n, "") if wish.precision is None else _needed(problem, staff, wish)
    return Stopped([], problem.n, looks, need <= problem.n, worst)


def lengthened(problem: Problem, staff: Ints, wish: Wish) -> bool:
    """Gives the problem more days where a staffing asks for them and the cap allows; whether it did."""
    if wish.precision is None or problem.n >= wish.cap:
        return False
    need, worst = _needed(problem, staff, wish)
    if need <= problem.n:
        return False
    problem.n = next_count(problem.n, need, wish.cap)
    problem.tell(f"{problem.n} days: {worst} is not precise enough")
    return True


def paced(problem: Problem, staff: Ints, wish: Wish) -> int:
    """Gives the problem as many days as a staffing asks for; how often it was looked at."""
    looks = 1
    while lengthened(problem, staff, wish):
        looks += 1
    return looks


def _needed(problem: Problem, staff: Ints, wish: Wish) -> tuple[int, str]:
    """Days predicted for the least precise figure, and which it is."""
    asked = wish.precision
    found = problem.verdicts(staff, level=_LEVEL)
    most, worst = problem.n, ""
    for aim, slot, low, high in zip(found.aim, found.slot, found.lower, found.upper, strict=True):
        of = problem.rules.aims[aim]
        is_wait = of.measure.startswith("mean_wait") and slot != -2
        allowed = 0.0 if asked is None else asked.relative * of.bound if is_wait else asked.share
        need = replications_needed(problem.n, float(high - low) / 2, allowed)
        if not worst or need > most:
            place = _WHOLE.get(int(slot)) or f"at {slot_name(problem.lab, int(slot))}"
            most, worst = max(most, need), f"{of.text} {place}"
    return most, worst
