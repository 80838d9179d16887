"""The fewest channels of a trunk: by formula, and by simulation on as many runs as it takes.

Belongs here: Erlang B with redials, the share refused with its bounds, the search and how many runs it
needs. Does not belong here: days simulated (`trunk_days`), busy hours (`busy_days`), the plan with its
proof (`channels`).
"""

from collections.abc import Callable, Sequence
from math import ceil, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vpbx.errors import UsageError
from vpbx.measures.estimate import replications_needed, t_quantile
from vpbx.measures.theory import erlang_b
from vpbx.study.busy_days import MONTH_DAYS, BusyHours, busy_hours, hourly
from vpbx.study.precision import FIRST, Effort, Stopped, next_count
from vpbx.study.trunk_days import AMPLE, Lines, Traffic

if TYPE_CHECKING:
    from vpbx.study.variant import Prepared

Tell = Callable[[str], None]

_ONE_SIDED = 0.90


class Refused(NamedTuple):
    """Share of attempts refused a channel."""

    share: float
    upper: float
    """One-sided 95 % bound."""
    half_width: float
    """Of the 95 % interval."""


def blocked_share(traffic: Traffic, trunk: int, hours: BusyHours) -> Refused:
    """Share of the attempts of these hours refused (intervals by the delta method)."""
    seen = np.flatnonzero(hours.start >= 0)
    at = hours.start[seen]
    refused = hourly(traffic.blocked[:, :, trunk])[seen, at]
    offered = hourly(traffic.offered[:, :, trunk])[seen, at]
    if offered.sum() <= 0:
        return Refused(0.0, 0.0, 0.0)
    share = float(refused.sum() / offered.sum())
    n = len(seen)
    if n < 2:
        return Refused(share, float("inf"), float("inf"))
    if refused.sum() == 0:  # none seen: (1 - p)^offered is 5 % (the rule of three), or 2.5 %
        none = -np.log([0.05, 0.025]) / offered.sum()
        return Refused(0.0, float(none[0]), float(none[1]))
    z = (refused - share * offered) / offered.mean()
    spread = float(z.std(ddof=1)) / sqrt(n)
    return Refused(
        share, share + t_quantile(n - 1, _ONE_SIDED) * spread, t_quantile(n - 1) * spread
    )


class Ask(NamedTuple):
    """What is asked of one trunk."""

    lines: Lines
    trunk: int
    target: float
    definition: str
    nth: int
    tell: Tell

    @property
    def name(self) -> str:
        """Of the trunk."""
        return self.lines.base.compiled.names.trunks[self.trunk]

    def hours(self, first: int, n: int) -> list[BusyHours]:
        """All definitions' hours of some runs; the one planned for first."""
        ample = self.lines.run({}, first, n)
        held, offered = ample.held[:, :, self.trunk], ample.offered[:, :, self.trunk]
        found = busy_hours(held, offered, self.nth)
        return sorted(found, key=lambda hours: hours.name != self.definition)

    def refused(self, channels: int, hours: BusyHours, first: int, n: int) -> Refused:
        """With so many channels."""
        return blocked_share(self.lines.run({self.trunk: channels}, first, n), self.trunk, hours)


class Search(NamedTuple):
    """The fewest channels on the runs of the search."""

    hours: list[BusyHours]
    redial: float
    by_formula: tuple[int, ...]
    with_redials: tuple[int, ...]
    channels: int
    refused: dict[int, Refused]


def until_precise(asks: Sequence[Ask], effort: Effort) -> tuple[list[Search], Stopped]:
    """The searches, on as many runs as the effort says (`precision` has the rule)."""
    asked = effort.precision
    n = effort.replications if asked is None else min(FIRST, effort.cap)
    cap, looks = n if asked is None else effort.cap, 0
    while True:
        looks += 1
        too_few = [_too_few(ask, n) for ask in asks]
        need, worst = max((want.runs, i) for i, want in enumerate(too_few))
        if need > n >= cap:
            raise UsageError(too_few[worst].why)
        found = [] if need > n else [_searched(ask, n) for ask in asks]
        if asked is None:
            return found, Stopped([], n, looks, True, "")
        if found:
            widths = [one.refused[one.channels].half_width for one in found]
            worst = int(np.argmax(widths))
            need = replications_needed(n, widths[worst], asked.share)
            if need <= n or n >= cap:
                return found, Stopped([], n, looks, need <= n, f"trunk.{asks[worst].name}.blocked")
        n = next_count(n, need, cap)


def _searched(ask: Ask, n: int) -> Search:
    """The fewest channels of a trunk on the first `n` runs."""
    hours, redial = ask.hours(0, n), _redial_share(ask.lines.base, ask.trunk)
    by_formula = tuple(erlang_b_channels(h.erlang, ask.target) for h in hours)
    with_redials = tuple(erlang_b_channels(h.erlang, ask.target, redial) for h in hours)
    channels, refused = _least(ask, hours[0], with_redials[0], n)
    return Search(hours, redial, by_formula, with_redials, channels, refused)


class _TooFew(NamedTuple):
    """How many runs it takes at least, and what is said to whoever gave fewer."""

    runs: int
    why: str


def _too_few(ask: Ask, n: int) -> _TooFew:
    """Whether the hours of `n` runs hold enough attempts to show a share within the target when
    nobody is refused; then no more than `n` are needed."""
    hours = ask.hours(0, n)[0]
    seen = int(np.count_nonzero(hours.start >= 0))
    if seen < 2:
        days = len(hours.start)
        runs = ceil(2 * MONTH_DAYS * n / days)
        return _TooFew(
            max(n + 1, runs),
            f"{hours.name} looks at {seen} hour{'s' if seen > 1 else ''} of {days} simulated days; it "
            f"takes 2 at least: give more runs, -n {runs} or more",
        )
    upper = blocked_share(ask.lines.run({}, 0, n), ask.trunk, hours).upper
    if upper <= ask.target:
        return _TooFew(n, "")
    runs = ceil(1.1 * n * upper / ask.target)
    return _TooFew(
        runs,
        f"{n} runs are too few to show {100 * ask.target:g}%: with nobody refused the share could "
        f"still be {100 * upper:.2g}%; give -n {runs} or more",
    )


def _least(ask: Ask, hours: BusyHours, guess: int, n: int) -> tuple[int, dict[int, Refused]]:
    """The fewest channels accepted, and the shares found on the way (those of one fewer included)."""
    found: dict[int, Refused] = {0: Refused(1.0, 1.0, 0.0)}

    def accepts(channels: int) -> bool:
        if channels not in found:
            found[channels] = ask.refused(channels, hours, 0, n)
            ask.tell(f"{ask.name}: {channels} channels, {100 * found[channels].share:.3g}%")
        return found[channels].upper <= ask.target

    low, step = guess, 1
    high = guess
    while not accepts(high):
        low, high, step = high, high + step, 2 * step
        if high > AMPLE:
            raise UsageError(
                f"no number of channels keeps the blocked share within {100 * ask.target:g}%: with "
                f"{AMPLE:,} it is {100 * found[low].share:.3g}%; more runs (-n) narrow the interval"
            )
    while low >= high or (low > 0 and accepts(low)):
        high, low, step = min(high, low), max(0, min(high, low) - step), 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if accepts(middle) else (middle, high)
    return high, found


def erlang_b_channels(load: float, target: float, redial: float = 0.0) -> int:
    """The fewest channels with at most this share blocked; `redial`: of the blocked, who call again.

    Redials make the load L = a + redial B(L) L, taken as more of the same calls (fixed point).
    """
    channels = max(1, ceil(load * 0.5))
    while channels > 1 and _blocked_with_redials(channels, load, redial) <= target:
        channels //= 2
    while _blocked_with_redials(channels, load, redial) > target:
        channels += 1
    return channels


def _blocked_with_redials(channels: int, load: float, redial: float) -> float:
    offered = load
    for _ in range(500):
        blocked = erlang_b(channels, offered)
        following = load / (1.0 - redial * blocked) if redial * blocked < 1 else float("inf")
        if abs(following - offered) < 1e-10 * load:
            break
        offered = following
    return erlang_b(channels, offered)


def _redial_share(base: "Prepared", trunk: int) -> float:
    """Probability of calling again after a busy tone, over the trunk's callers by volume."""
    scenario = base.loaded.scenario
    name = base.compiled.names.trunks[trunk]
    numbers = {number for number, one in scenario.numbers.items() if one.trunk == name}
    weights, again = [], []
    for caller in scenario.callers.values():
        share = sum(s for number, s in caller.dials.items() if number in numbers)
        weights.append(share * (caller.volume or 1.0))
        redials = caller.redial is not None and caller.redial.attempts > 1
        again.append(caller.redial.share_after("blocked") if redials and caller.redial else 0.0)
    total = sum(weights)
    return sum(w * p for w, p in zip(weights, again, strict=True)) / total if total else 0.0
