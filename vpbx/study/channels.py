"""How many channels a trunk needs, with the feedback of redials, beside Erlang B.

Belongs here: what is asked for, the plan and its proof. Does not belong here: the search and the
formulas (`trunk_search`), days simulated (`trunk_days`), busy hours (`busy_days`), pages
(`report.channels`), people (`staffing`).

The busy hour is a definition, and moves the answer by half; all are printed, one is planned for
(`busy_days`).

Traffic is measured with so many channels that nobody is refused; the blocked share is then counted in
the same hours of the same days with fewer.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from vpbx.errors import UsageError
from vpbx.scenario.suggest import did_you_mean
from vpbx.study.busy_days import MONTH_DAYS, BusyHours, hourly
from vpbx.study.precision import FIRST, Effort, Stopped
from vpbx.study.trunk_days import Lines, Traffic
from vpbx.study.trunk_search import Ask, Search, Tell, until_precise

if TYPE_CHECKING:
    from vpbx.study.ledger import Ledger
    from vpbx.study.variant import Prepared

AS_USUAL = Effort(120)
"""Runs, unless a number or a precision is asked for."""


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
    blocked_half_width: float
    """Of the 95 % interval."""
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


class Found(NamedTuple):
    """What a plan of channels ends with."""

    plans: tuple[TrunkPlan, ...]
    stopped: Stopped
    simulated: int
    """Runs that it took."""


def plan_channels(
    base: "Prepared",
    target: float,
    trunks: Sequence[str] = (),
    definition: str = "tcbh",
    effort: Effort = AS_USUAL,
    seed: int | None = None,
    tell: Tell = lambda text: None,
    executor: Executor | None = None,
    ledger: "Ledger | None" = None,
) -> Found:
    """The fewest channels of each trunk that keep the blocked share within the target.

    Accepted on the upper end of the one-sided interval; confirmed on as many fresh runs. With a
    precision, as many runs as the share refused needs at the number of channels found; never
    stratified, for the busiest days of independent ones are looked at. Raises `UsageError` for unknown
    trunks and definitions, and for a target of nothing at all.
    """
    names = base.compiled.names.trunks
    chosen = _chosen(names, trunks)
    nth = _nth(definition)
    if not 0 < target < 1:
        raise UsageError(
            f"blocked <= {100 * target:g}%: chance refuses a caller now and then with any number of "
            "channels; give a share between 0% and 100%, such as 1%"
        )
    if effort.precision is None and effort.replications < FIRST:
        raise UsageError(f"a plan needs at least {FIRST} runs, got {effort.replications}")
    lines = Lines(base, base.loaded.scenario.seed if seed is None else seed, executor, ledger)
    tell("pilot with ample channels")
    ample = lines.run({}, 0, FIRST if effort.precision else effort.replications)
    called = _called(names, chosen, bool(trunks), ample, tell)
    asks = [Ask(lines, trunk, target, definition, nth, tell) for trunk in called]
    found, stopped = until_precise(asks, effort)
    n = stopped.replications
    plans = tuple(_confirmed(ask, one, n) for ask, one in zip(asks, found, strict=True))
    return Found(plans, stopped, lines.simulated)


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


def _confirmed(ask: Ask, found: Search, n: int) -> TrunkPlan:
    """The plan, with what as many fresh runs say of it."""
    hours, channels = found.hours[0], found.channels
    used, fewer = found.refused[channels], found.refused[channels - 1]
    fresh = ask.refused(channels, ask.hours(n, n)[0], n, n)
    offered = hourly(ask.lines.run({ask.trunk: channels}, 0, n).offered[:, :, ask.trunk])
    seen = hours.start >= 0
    return TrunkPlan(
        trunk=ask.name,
        target=ask.target,
        before=_before(ask.lines.base, ask.trunk),
        hours=tuple(found.hours),
        by_erlang_b=found.by_formula,
        with_redials=found.with_redials,
        redial_share=found.redial,
        channels=channels,
        blocked=used.share,
        blocked_upper=used.upper,
        blocked_half_width=used.half_width,
        fewer_blocked=fewer.share,
        fewer_upper=fewer.upper,
        fresh_blocked=fresh.share,
        fresh_upper=fresh.upper,
        attempts_per_caller=float(offered[seen, hours.start[seen]].mean() / hours.calls),
    )


def _before(base: "Prepared", trunk: int) -> str:
    calendars = base.compiled.program.flow.calendars
    c = int(base.compiled.program.trunks.calendar[trunk])
    values = calendars.value[int(calendars.start[c]) : int(calendars.start[c + 1])]
    low, high = int(values.min()), int(values.max())
    return str(low) if low == high else f"{low} to {high}"
