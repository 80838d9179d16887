"""How many channels a trunk needs, with the feedback of redials, beside Erlang B.

Belongs here: the least channels by simulation and by formula, the proof. Does not belong here: days
simulated (`trunk_days`), busy hours (`busy_days`), pages (`report.channels`), people (`staffing`).

The busy hour is a definition, and moves the answer by half; all are printed, one is planned for
(`busy_days`).

Traffic is measured with so many channels that nobody is refused; the blocked share is then counted in
the same hours of the same days with fewer.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.measures.estimate import t_quantile
from vpbx.measures.theory import erlang_b
from vpbx.scenario.suggest import did_you_mean
from vpbx.study.busy_days import MONTH_DAYS, BusyHours, busy_hours, hourly
from vpbx.study.trunk_days import AMPLE, Lines, Traffic

if TYPE_CHECKING:
    from vpbx.study.ledger import Ledger
    from vpbx.study.variant import Prepared

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Tell = Callable[[str], None]

DEFAULT_DAYS = 120
_ONE_SIDED = 0.90


@dataclass(frozen=True)
class TrunkPlan:
    """What one trunk needs."""

    trunk: str
    target: float
    before: str
    """Channels as the scenario has them."""
    hours: tuple[BusyHours, ...]
    """All definitions; the one planned for first."""
    by_erlang_b: tuple[int, ...]
    """Channels by Erlang B for the traffic of each definition."""
    with_redials: tuple[int, ...]
    """The same with redials after a busy tone as more of the same calls (fixed point)."""
    redial_share: float
    """Mean probability of calling again after a busy tone."""
    channels: int
    """By simulation, for the definition planned for."""
    blocked: float
    blocked_upper: float
    """One-sided 95 % bound."""
    fewer_blocked: float
    """With one channel fewer."""
    fewer_upper: float
    fresh_blocked: float
    fresh_upper: float
    attempts_per_caller: float
    """Attempts that reach the trunk per attempt with ample channels, in these hours."""

    @property
    def confirmed(self) -> bool:
        """Whether the fresh days stay within the target."""
        return self.fresh_blocked <= self.target


def blocked_share(traffic: Traffic, trunk: int, hours: BusyHours) -> tuple[float, float]:
    """Share of the attempts of these hours refused, and its one-sided 95 % upper bound."""
    seen = np.flatnonzero(hours.start >= 0)
    at = hours.start[seen]
    refused = hourly(traffic.blocked[:, :, trunk])[seen, at]
    offered = hourly(traffic.offered[:, :, trunk])[seen, at]
    if offered.sum() <= 0:
        return 0.0, 0.0
    share = float(refused.sum() / offered.sum())
    z = (refused - share * offered) / offered.mean()
    n = len(seen)
    if n < 2:
        return share, float("inf")
    if refused.sum() == 0:  # none seen: the rule of three
        return 0.0, 3.0 / float(offered.sum())
    return share, share + t_quantile(n - 1, _ONE_SIDED) * float(z.std(ddof=1)) / sqrt(n)


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


def plan_channels(
    base: "Prepared",
    target: float,
    trunks: Sequence[str] = (),
    definition: str = "tcbh",
    days: int | None = None,
    seed: int | None = None,
    tell: Tell = lambda text: None,
    executor: Executor | None = None,
    ledger: "Ledger | None" = None,
) -> tuple[tuple[TrunkPlan, ...], int]:
    """The fewest channels of each trunk that keep the blocked share within the target, and how many
    runs that took.

    Accepted on the upper end of the one-sided interval; confirmed on as many fresh runs. Raises
    `UsageError` for unknown trunks and definitions, and for a target of nothing at all.
    """
    names = base.compiled.names.trunks
    chosen = _chosen(names, trunks)
    nth = _nth(definition)
    if not 0 < target < 1:
        raise UsageError(
            f"blocked <= {100 * target:g}%: chance refuses a caller now and then with any number of "
            "channels; give a share between 0% and 100%, such as 1%"
        )
    n = DEFAULT_DAYS if days is None else days
    if n < 10:
        raise UsageError(f"a plan needs at least 10 runs, got {n}")
    lines = Lines(base, base.loaded.scenario.seed if seed is None else seed, executor, ledger)
    tell("pilot with ample channels")
    ample, fresh = lines.run({}, 0, n), lines.run({}, n, n)
    plans = tuple(
        _trunk(lines, trunk, target, definition, nth, (ample, fresh), n, tell)
        for trunk in _called(names, chosen, bool(trunks), ample, tell)
    )
    return plans, lines.simulated


def _called(
    names: Sequence[str], chosen: Sequence[str], asked_for: bool, ample: Traffic, tell: Tell
) -> list[int]:
    """The trunks over which somebody calls; raises `UsageError` for others that were asked for."""
    calls = ample.offered.sum(axis=(0, 1))
    idle = [name for name in chosen if calls[names.index(name)] == 0]
    if idle and (asked_for or len(idle) == len(chosen)):
        trunks = ", ".join(f'"{name}"' for name in idle)
        raise UsageError(f"nobody calls over the trunk {trunks}: there is nothing to plan")
    for name in idle:
        tell(f'the trunk "{name}" is left out: nobody calls over it')
    return [names.index(name) for name in chosen if name not in idle]


def _chosen(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    if not names:
        raise UsageError("the scenario has no trunks: nothing to plan")
    for trunk in wanted:
        if trunk not in names:
            hint = did_you_mean(trunk, names) or f"; trunks are {', '.join(names)}"
            raise UsageError(f'there is no trunk "{trunk}"{hint}')
    return [name for name in names if not wanted or name in wanted]


def _nth(definition: str) -> int:
    """The N of `nth:N`; 4 for the other definitions, which print it beside."""
    if definition in ("tcbh", "adph"):
        return 4
    word, _, number = definition.partition(":")
    if word != "nth" or not number.isdigit() or not 1 <= int(number) <= MONTH_DAYS:
        raise UsageError(
            f'there is no busy hour "{definition}": tcbh, adph, or nth:N with N from 1 to {MONTH_DAYS}'
        )
    return int(number)


def _trunk(
    lines: Lines, trunk: int, target: float, definition: str, nth: int,
    ample: tuple[Traffic, Traffic], n: int, tell: Tell,
) -> TrunkPlan:  # fmt: skip
    name = lines.base.compiled.names.trunks[trunk]
    found, fresh_hours = (
        busy_hours(x.held[:, :, trunk], x.offered[:, :, trunk], nth) for x in ample
    )
    k = next(i for i, hours in enumerate(found) if hours.name == definition)
    _require_enough(ample[0], trunk, found[k], target, n)
    order = [k, *(i for i in range(len(found)) if i != k)]
    hours = [found[i] for i in order]
    redial = _redial_share(lines.base, trunk)
    by_formula = tuple(erlang_b_channels(h.erlang, target) for h in hours)
    with_redials = tuple(erlang_b_channels(h.erlang, target, redial) for h in hours)
    channels, shares = _least(lines, trunk, target, hours[0], with_redials[0], n, tell)
    fresh = lines.run({trunk: channels}, n, n)
    used = lines.run({trunk: channels}, 0, n)
    seen = hours[0].start >= 0
    attempts = hourly(used.offered[:, :, trunk])[seen, hours[0].start[seen]].mean()
    fresh_blocked = blocked_share(fresh, trunk, fresh_hours[k])
    return TrunkPlan(
        trunk=name,
        target=target,
        before=_before(lines.base, trunk),
        hours=tuple(hours),
        by_erlang_b=by_formula,
        with_redials=with_redials,
        redial_share=redial,
        channels=channels,
        blocked=shares[channels][0],
        blocked_upper=shares[channels][1],
        fewer_blocked=shares[channels - 1][0],
        fewer_upper=shares[channels - 1][1],
        fresh_blocked=fresh_blocked[0],
        fresh_upper=fresh_blocked[1],
        attempts_per_caller=float(attempts / hours[0].calls),
    )


def _require_enough(ample: Traffic, trunk: int, hours: BusyHours, target: float, n: int) -> None:
    """Raises `UsageError` where the hours hold too few attempts to show a share within the target
    even when nobody is refused."""
    seen = int(np.count_nonzero(hours.start >= 0))
    if seen < 2:
        days = len(hours.start)
        raise UsageError(
            f"{hours.name} looks at {seen} hour{'s' if seen > 1 else ''} of {days} simulated days; it "
            f"takes 2 at least: give more runs, -n {ceil(2 * MONTH_DAYS * n / days)} or more"
        )
    _, upper = blocked_share(ample, trunk, hours)
    if upper > target:
        raise UsageError(
            f"{n} runs are too few to show {100 * target:g}%: with nobody refused the share could "
            f"still be {100 * upper:.2g}%; give -n {ceil(1.1 * n * upper / target)} or more"
        )


def _least(
    lines: Lines, trunk: int, target: float, hours: BusyHours, guess: int, n: int, tell: Tell
) -> tuple[int, dict[int, tuple[float, float]]]:
    """The fewest channels accepted, and the shares found on the way (those of one fewer included)."""
    shares: dict[int, tuple[float, float]] = {0: (1.0, 1.0)}

    def accepts(channels: int) -> bool:
        if channels not in shares:
            shares[channels] = blocked_share(lines.run({trunk: channels}, 0, n), trunk, hours)
            share = 100 * shares[channels][0]
            tell(f"{lines.base.compiled.names.trunks[trunk]}: {channels} channels, {share:.3g}%")
        return shares[channels][1] <= target

    low, step = guess, 1
    high = guess
    while not accepts(high):
        low, high, step = high, high + step, 2 * step
        if high > AMPLE:
            raise UsageError(
                f"no number of channels keeps the blocked share within {100 * target:g}%: with "
                f"{AMPLE:,} it is {100 * shares[low][0]:.3g}%; more runs (-n) narrow the interval"
            )
    while low >= high or (low > 0 and accepts(low)):
        high, low, step = min(high, low), max(0, min(high, low) - step), 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if accepts(middle) else (middle, high)
    return high, shares


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


def _before(base: "Prepared", trunk: int) -> str:
    calendars = base.compiled.program.flow.calendars
    c = int(base.compiled.program.trunks.calendar[trunk])
    values = calendars.value[int(calendars.start[c]) : int(calendars.start[c + 1])]
    low, high = int(values.min()), int(values.max())
    return str(low) if low == high else f"{low} to {high}"
