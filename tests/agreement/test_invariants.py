"""What holds in every run of every scenario, whichever engine runs it.

Random scenarios without the rarer features (`random_scenarios`); the laws are checked from the
records alone, not with the engines' own books where these could be wrong alike.
"""

import itertools
import json
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from random_scenarios import Made, compiled, scenarios

from vpbx.codes import Outcome
from vpbx.engine.records import Records, legs
from vpbx.engine.run import run_replication
from vpbx.program.compile import Compiled

Ints = NDArray[np.int64]
ENGINES = ("reference", "compiled")
NEVER = 1 << 60

_always = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
few, many = settings(_always, max_examples=20), settings(_always, max_examples=600)
both_engines = pytest.mark.parametrize("engine", ENGINES)


def made_ready(made: Made) -> Compiled:
    """A random scenario, compiled."""
    with tempfile.TemporaryDirectory() as folder:
        return compiled(made, Path(folder))


def ran(made: Made, engine: str) -> tuple[Compiled, Records]:
    """A random scenario, run."""
    ready = made_ready(made)
    return ready, run_replication(ready, made.seed, 0, engine)


def value_at(of: Compiled, calendar: int, at: int) -> int:
    """What a calendar says at an instant."""
    table = of.program.flow.calendars
    steps = slice(table.start[calendar], table.start[calendar + 1])
    return int(table.value[steps][np.searchsorted(table.at[steps], at, side="right") - 1])


def integral(since: Ints, until: Ints, edges: Ints) -> Ints:
    """Time of these spans together within each interval between edges.

    Up to an instant e that is the sum of e - since over the spans begun, less e - until over the ended.
    """

    def passed(starts: Ints) -> Ints:
        ordered = np.sort(starts)
        sums = np.concatenate([[0], np.cumsum(ordered)])
        n = np.searchsorted(ordered, edges)
        return np.asarray(n * edges - sums[n])

    return np.diff(passed(since) - passed(until))


def check_calls(of: Compiled, records: Records) -> None:
    """Every attempt has one outcome, and attempts follow one another: none is lost or made up."""
    calls = records.calls
    assert sum(Counter(calls.outcome.tolist()).values()) == len(calls.outcome)
    assert np.all(calls.outcome >= 0)
    chains = defaultdict(list)
    who = zip(calls.caller_class.tolist(), calls.day.tolist(), calls.ordinal.tolist(), strict=True)
    for row, caller in enumerate(who):
        chains[caller].append(row)
    for rows in chains.values():
        assert calls.attempt[rows].tolist() == list(range(len(rows)))
        assert calls.redial_at[rows[:-1]].tolist() == calls.arrived_at[rows[1:]].tolist()


def check_channels(of: Compiled, records: Records) -> None:
    """Channel-seconds by interval are those of the calls that hold a channel."""
    held = legs(records, of.program.numbers.trunk)
    edges = np.arange(len(records.grid.trunk_time) + 1, dtype=np.int64) * of.program.clock.grid_us
    for trunk in range(records.grid.trunk_time.shape[1]):
        mine = held.trunk == trunk
        expected = integral(held.held_from[mine], held.held_until[mine], edges)
        assert expected.tolist() == records.grid.trunk_time[:, trunk].tolist()


def check_agents(of: Compiled, records: Records) -> None:
    """Agent-seconds talking by interval are those of the visits answered; none beyond logged in."""
    visits, grid = records.visits, records.grid
    edges = np.arange(len(grid.talk) + 1, dtype=np.int64) * of.program.clock.grid_us
    for group in range(grid.talk.shape[1]):
        mine = (visits.group == group) & (visits.talk_until >= 0)
        expected = integral(visits.left_at[mine], visits.talk_until[mine], edges)
        assert expected.tolist() == grid.talk[:, group].tolist()
        assert np.all(grid.talk[:, group] + grid.wrap_up[:, group] <= grid.logged_in[:, group])


def check_littles_law(of: Compiled, records: Records) -> None:
    """The integral of the number waiting is the sum of the waits: each queue, each interval."""
    visits, grid = records.visits, records.grid
    edges = np.arange(len(grid.queue_time) + 1, dtype=np.int64) * of.program.clock.grid_us
    for queue in range(grid.queue_time.shape[1]):
        mine = visits.queue == queue
        expected = integral(visits.joined_at[mine], visits.left_at[mine], edges)
        assert expected.tolist() == grid.queue_time[:, queue].tolist()
        assert expected.sum() == (visits.left_at - visits.joined_at)[mine].sum()


def check_order_of_service(of: Compiled, records: Records) -> None:
    """Of one queue, class and priority, who joined first is answered first."""
    visits, calls = records.visits, records.calls
    answered = np.flatnonzero(visits.outcome == Outcome.ANSWERED)
    lines = defaultdict(list)
    for row in answered.tolist():
        call = visits.call[row]
        line = (visits.queue[row], visits.priority[row], calls.caller_class[call])
        caller = (calls.day[call], calls.ordinal[call], calls.attempt[call])
        lines[line].append((int(visits.joined_at[row]), caller, int(visits.left_at[row])))
    for line in lines.values():
        left = [at for _, _, at in sorted(line)]
        assert left == sorted(left)


def check_one_call_an_agent(of: Compiled, records: Records) -> None:
    """From answer to the end of wrap-up an agent has no other call."""
    visits = records.visits
    busy = defaultdict(list)
    for row in np.flatnonzero(visits.outcome == Outcome.ANSWERED).tolist():
        until = int(visits.wrap_up_until[row])
        span = (int(visits.left_at[row]), until if until >= 0 else NEVER)
        busy[int(visits.group[row]), int(visits.agent[row])].append(span)
    for spans in busy.values():
        for (_, end), (start, _) in itertools.pairwise(sorted(spans)):
            assert end <= start


def moments(records: Records, most: int = 300) -> Iterator[int]:
    """Instants between one event of the queues and the next, up to so many."""
    visits = records.visits
    ends = (visits.joined_at, visits.left_at, visits.talk_until, visits.wrap_up_until)
    at = np.unique(np.concatenate([column[column >= 0] for column in ends]))
    at = at[at < records.end_at]
    between = (at[:-1] + at[1:]) // 2
    between = between[np.diff(at) > 1]
    yield from between[:: max(1, len(between) // most)].tolist()


def check_no_agent_is_idle(of: Compiled, records: Records) -> None:
    """Where a caller waits, as many agents who serve the queue are busy as are on the phone."""
    visits, groups = records.visits, of.program.groups
    until = np.where(visits.wrap_up_until >= 0, visits.wrap_up_until, NEVER)
    for at in moments(records):
        waiting = np.unique(visits.queue[(visits.joined_at < at) & (visits.left_at > at)])
        busy = (visits.agent >= 0) & (visits.left_at < at) & (until > at)
        for group in range(len(groups.calendar)):
            if np.any(groups.penalty[group, waiting] >= 0):
                on_the_phone = value_at(of, int(groups.calendar[group]), at)
                assert np.sum(busy & (visits.group == group)) >= on_the_phone


def check_answered_by_agents_on_duty(of: Compiled, records: Records) -> None:
    """Nobody is answered by a group whose schedule has nobody on the phone at that moment."""
    visits = records.visits
    for row in np.flatnonzero(visits.outcome == Outcome.ANSWERED).tolist():
        calendar = int(of.program.groups.calendar[visits.group[row]])
        assert value_at(of, calendar, int(visits.left_at[row])) >= 1


CHECKS = (
    check_calls,
    check_channels,
    check_agents,
    check_littles_law,
    check_order_of_service,
    check_one_call_an_agent,
    check_no_agent_is_idle,
    check_answered_by_agents_on_duty,
)


@both_engines
def test_laws_of_every_run(engine: str) -> None:
    """Conservation, Little's law, order of service, agents: on 20 random scenarios."""

    @few
    @given(scenarios(plain=True))
    def holds(made: Made) -> None:
        of, records = ran(made, engine)
        for check in CHECKS:
            check(of, records)

    holds()


@pytest.mark.slow
@both_engines
def test_laws_of_many_runs(engine: str) -> None:
    """The same on 600."""

    @many
    @given(scenarios(plain=True))
    def holds(made: Made) -> None:
        of, records = ran(made, engine)
        for check in CHECKS:
            check(of, records)

    holds()


def first_visits(records: Records) -> dict[tuple[int, int, int], int]:
    """The row of the first visit of each caller's first attempt to a queue that had room."""
    calls, visits = records.calls, records.visits
    found: dict[tuple[int, int, int], int] = {}
    for row, call in enumerate(visits.call.tolist()):
        if calls.attempt[call] == 0 and visits.outcome[row] != Outcome.BLOCKED:
            caller = (int(calls.caller_class[call]), int(calls.day[call]), int(calls.ordinal[call]))
            found.setdefault(caller, row)
    return found


@both_engines
@few
@given(scenarios(plain=True))
def test_patience_is_never_exceeded(engine: str, made: Made) -> None:
    """Nobody waits for longer than the wait after which they give up when nobody answers at all."""
    _, records = ran(made, engine)
    deserted = json.loads(json.dumps(made.tree))
    for group in deserted["agents"].values():
        group["heads"] = 0
    _, without = ran(made._replace(tree=deserted), engine)
    limits = first_visits(without)
    for caller, row in first_visits(records).items():
        other = limits.get(caller)
        if other is None or without.visits.outcome[other] != Outcome.ABANDONED:
            continue
        limit = without.visits.left_at[other] - without.visits.joined_at[other]
        wait = records.visits.left_at[row] - records.visits.joined_at[row]
        assert wait <= limit
        if records.visits.outcome[row] == Outcome.ABANDONED:
            assert wait == limit


NAME = re.compile(r"\b([nqgct])(\d+)\b")


def renamed(made: Made) -> Made:
    """Nodes, queues, groups, classes and trunks under names of another order and alphabet."""

    def other(text: str) -> str:
        return NAME.sub(lambda found: f"{found[1]}_имя_{99 - int(found[2])}", text)

    tree: Any = json.loads(other(json.dumps(made.tree, ensure_ascii=False)))
    return Made(tree, {other(name): load for name, load in made.arrivals.items()}, made.seed)


@both_engines
@few
@given(scenarios(plain=True))
def test_names_change_nothing(engine: str, made: Made) -> None:
    """Under other names, in the same places: the same records, cell by cell."""
    _, one = ran(made, engine)
    _, two = ran(renamed(made), engine)
    for table in ("calls", "visits", "grid"):
        for a, b in zip(getattr(one, table), getattr(two, table), strict=True):
            assert np.array_equal(a, b)


def plain(heads: int, law: str, wrap_up: str, rate: int) -> dict[str, Any]:
    """One queue, one group, endless patience."""
    return {
        "name": "one queue",
        "clock": {"start": "2019-04-15 00:00", "duration": "30 min"},
        "numbers": {"100": {"enter": "q"}},
        "flow": {"q": {"queue": "q"}},
        "queues": {"q": {}},
        "agents": {
            "g": {"serves": {"q": {"handle_time": law, "wrap_up": wrap_up}}, "heads": heads}
        },
        "callers": {"c": {"volume": f"{rate}/h", "dials": {"100": "100%"}}},
    }


@both_engines
@few
@given(
    st.integers(1, 6),
    st.integers(1, 3),
    st.sampled_from(["exponential(mean=2 min)", "lognormal(mean=2 min, cv=1.5)", "100 s"]),
    st.sampled_from(["0 s", "10 s", "exponential(mean=30 s)"]),
    st.integers(20, 300),
    st.integers(0, 10**6),
)
def test_more_agents_lengthen_no_wait(
    engine: str, heads: int, more: int, law: str, wrap_up: str, rate: int, seed: int
) -> None:
    """With the same draws, each caller of one first-come queue waits no longer if heads are added."""
    waits = []
    for count in (heads, heads + more):
        _, records = ran(Made(plain(count, law, wrap_up, rate), {}, seed), engine)
        waits.append(records.visits.left_at - records.visits.joined_at)
    assert np.all(waits[1] <= waits[0])


@both_engines
@few
@given(
    st.integers(0, 22),
    st.integers(1, 8),
    st.integers(0, 10**6),
    st.sampled_from(["30 s", "10 min"]),
)
def test_nobody_joins_or_is_answered_outside_opening_hours(
    engine: str, opens: int, hours: int, seed: int, law: str
) -> None:
    """Closed callers hear so; with heads in opening hours only, answers too fall within them."""
    closes = min(opens + hours, 24)
    span = f"{opens:02}:00-{closes:02}:00"
    tree = plain(3, law, "0 s", 40)
    tree["clock"]["duration"] = "2 days"
    tree["hours"] = {"office": f"daily {span}"}
    tree["flow"] = {
        "door": {"branch": [{"open": "office", "next": "q"}], "otherwise": "bye"},
        "q": {"queue": "q"},
        "bye": {"play": "5 s"},
    }
    tree["numbers"]["100"]["enter"] = "door"
    tree["agents"]["g"]["heads"] = {span: 3}
    _, records = ran(Made(tree, {}, seed), engine)
    hour = 3_600_000_000
    for at in (
        records.visits.joined_at,
        records.visits.left_at[records.visits.outcome == Outcome.ANSWERED],
    ):
        of_day = at % (24 * hour)
        assert np.all((of_day >= opens * hour) & (of_day < closes * hour))
