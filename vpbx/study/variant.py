"""Variants of a scenario: a file with settings, or with other heads, made ready to be run.

Belongs here: from a file and settings to what replications need, and other heads without compiling
again. Does not belong here: running (`evaluate`), the language (`scenario`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.program.program import GRID_US, Calendars, Program
from vpbx.units import HOUR_US, SECOND_US

if TYPE_CHECKING:
    from vpbx.measures.frame import Frame
    from vpbx.program.compile import Compiled
    from vpbx.scenario.load import Loaded

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Variant:
    """A scenario file and settings on it, each a dotted path and its value as text (`--set`)."""

    file: Path
    settings: tuple[tuple[str, str], ...] = ()
    label: str = ""

    @property
    def sets(self) -> tuple[str, ...]:
        """The settings as `--set` takes them."""
        return tuple(f"{path}={value}" for path, value in self.settings)

    @property
    def name(self) -> str:
        """The label, or the settings, or the file's name."""
        return self.label or ", ".join(self.sets) or self.file.stem


@dataclass(frozen=True)
class Prepared:
    """A variant made ready: compiled, and what to count it by.

    `digest` (sha256, hex) changes whenever the outcome may: it covers the scenario's keys and
    values, the files it names, and heads set afterwards.
    """

    loaded: "Loaded"
    compiled: "Compiled"
    frame: "Frame"
    digest: str
    name: str

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the agent groups, in the Program's order."""
        return self.compiled.names.groups


def prepare(variant: Variant) -> Prepared:
    """Load, check, lint and compile a variant.

    Raises `ScenarioError` (an unknown path in the settings included) and `FileError`.
    """
    from vpbx.scenario.load import load
    from vpbx.study.replicate import require_sound

    loaded = load(variant.file, variant.sets)
    require_sound(loaded)
    return prepared(loaded, variant.name)


def prepared(loaded: "Loaded", name: str = "") -> Prepared:
    """The same of a scenario that is loaded and known to be sound."""
    from vpbx.measures.scenario_frame import scenario_frame
    from vpbx.program.compile import compile_scenario

    compiled = compile_scenario(loaded.scenario, loaded.file.parent)
    frame = scenario_frame(loaded.scenario, compiled)
    return Prepared(loaded, compiled, frame, loaded.digest, name or loaded.file.stem)


def with_heads(
    base: Prepared, heads: Mapping[str, Sequence[int]], interval_us: int, name: str = ""
) -> Prepared:
    """The variant with other paid heads in some groups, an entry an interval from the start on.

    Shrinkage is taken off as in the language. After the last entry the group's own table goes on.
    Nothing is compiled: the outcome is the same as from a scenario with these heads. Raises
    `UsageError` for an unknown group or for heads below 0.
    """
    scenario = base.loaded.scenario
    _require_groups(base, heads)
    on_the_phone = {
        group: [scenario.agents[group].on_the_phone(int(n)) for n in own]
        for group, own in heads.items()
    }
    changed = with_agents(base, on_the_phone, interval_us, name)
    frame = replace(changed.frame, cost=_cost(base, heads, interval_us))
    paid = {f"heads of {group}": own for group, own in heads.items()}
    return replace(changed, frame=frame, digest=_digest(changed.digest, paid, interval_us))


def with_agents(
    base: Prepared, agents: Mapping[str, Sequence[int]], interval_us: int, name: str = ""
) -> Prepared:
    """The same with the agents on the phone given, shrinkage taken off already.

    The staff's cost is left as it was: heads are what is paid (`with_heads`).
    """
    _require_groups(base, agents)
    program = base.compiled.program
    calendars = program.flow.calendars
    values = {
        int(program.groups.calendar[base.groups.index(group)]): np.asarray(own, np.int64)
        for group, own in agents.items()
    }
    steps = [
        _overlaid(*_steps(calendars, c), values[c], interval_us, _until_us(program))
        if c in values
        else _steps(calendars, c)
        for c in range(len(calendars.start) - 1)
    ]
    compiled = replace(base.compiled, program=_with_calendars(base, _joined(steps)))
    return replace(
        base,
        compiled=compiled,
        digest=_digest(base.digest, agents, interval_us),
        name=name or base.name,
    )


def _require_groups(base: Prepared, heads: Mapping[str, Sequence[int]]) -> None:
    for group, own in heads.items():
        if group not in base.groups:
            known = ", ".join(base.groups)
            raise UsageError(f'there is no group "{group}"; groups are {known}')
        if not len(own) or min(own) < 0:
            raise UsageError(f'the heads of "{group}" must be one or more numbers, none below 0')


def _steps(calendars: Calendars, c: int) -> tuple[Ints, Ints]:
    """When a calendar changes, and to what."""
    part = slice(int(calendars.start[c]), int(calendars.start[c + 1]))
    return calendars.at[part], calendars.value[part]


def _until_us(program: Program) -> int:
    """Until when calendars matter."""
    return program.clock.duration_us + program.clock.drain_us + GRID_US


def _overlaid(
    at: Ints, value: Ints, new: Ints, interval_us: int, until_us: int
) -> tuple[Ints, Ints]:
    """Steps with new values from 0 on, one an interval; afterwards the old steps go on."""
    end = len(new) * interval_us
    after = at > end
    then = value[np.searchsorted(at, end, side="right") - 1]
    all_at = np.concatenate([np.arange(len(new)) * interval_us, [end], at[after]])
    all_value = np.concatenate([new, [then], value[after]])
    kept = np.append(True, np.diff(all_value) != 0) & (all_at < until_us)
    return all_at[kept].astype(np.int64), all_value[kept].astype(np.int64)


def _joined(steps: Sequence[tuple[Ints, Ints]]) -> Calendars:
    return Calendars(
        start=np.cumsum([0, *(len(at) for at, _ in steps)]).astype(np.int64),
        at=np.concatenate([at for at, _ in steps]),
        value=np.concatenate([value for _, value in steps]),
    )


def _with_calendars(base: Prepared, calendars: Calendars) -> Program:
    """The Program on other calendars, with what follows from the agents' numbers."""
    program = base.compiled.program
    most = [int(_steps(calendars, int(c))[1].max()) for c in program.groups.calendar]
    groups = program.groups._replace(first_agent=np.cumsum([0, *most]).astype(np.int64))
    changed = program._replace(flow=program.flow._replace(calendars=calendars), groups=groups)
    aht_s = np.array([_aht_s(base, changed, queue) for queue in base.compiled.names.queues])
    return changed._replace(queues=program.queues._replace(aht_s=aht_s.astype(np.int64)))


def _aht_s(base: Prepared, program: Program, queue: str) -> int:
    """Mean handle time and wrap-up of a queue, weighted by the groups' mean agents.

    The compiler's own rule (`program.compile`), on calendars that were changed since.
    """
    until = _until_us(program)
    weights, times = [], []
    for g, group in enumerate(base.loaded.scenario.agents.values()):
        if queue in group.serves:
            at, value = _steps(program.flow.calendars, int(program.groups.calendar[g]))
            spans = np.diff(np.append(at, max(until, int(at[-1]) + 1)))
            weights.append(float(np.sum(value * spans)) or 1e-9)
            serves = group.serves[queue]
            times.append(serves.handle_time.mean_us + serves.wrap_up.mean_us)
    return round(np.average(times, weights=weights) / SECOND_US) if times else 0


def _cost(
    base: Prepared, heads: Mapping[str, Sequence[int]], interval_us: int
) -> NDArray[np.float64] | None:
    """(base intervals, groups) money with the new heads; None: no wages."""
    if base.frame.cost is None:
        return None
    cost = base.frame.cost.copy()
    starts = np.arange(len(cost)) * GRID_US
    hours = np.minimum(GRID_US, base.frame.duration_us - starts) / HOUR_US
    for group, own in heads.items():
        wage = base.loaded.scenario.agents[group].wage
        covered = starts < len(own) * interval_us
        paid = np.asarray(own, np.float64)[(starts // interval_us)[covered]]
        amount = wage.amount if wage else 0.0
        cost[covered, base.groups.index(group)] = paid * hours[covered] * amount
    return cost


def _digest(base: str, agents: Mapping[str, Sequence[int]], interval_us: int) -> str:
    text = [
        base,
        str(interval_us),
        *(f"{g}:{list(map(int, n))}" for g, n in sorted(agents.items())),
    ]
    return hashlib.sha256("\n".join(text).encode()).hexdigest()
