"""What holds in every run: order of service, one call an agent, no idle agent beside a waiting caller.

Small random scenarios in whole seconds, so that many things happen at the same instant.
"""

import itertools
import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from timeline import Run, run

from vpbx.codes import Outcome
from vpbx.engine.records import answered_at

S = 1_000_000
few = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))

seconds = st.integers(0, 12)
serves = st.fixed_dictionaries(
    {
        "handle_time": st.integers(0, 25).map(lambda s: f"{s} s"),
        "wrap_up": st.integers(0, 6).map(lambda s: f"{s} s"),
        "penalty": st.integers(0, 2),
    }
)


@st.composite
def heads(draw: st.DrawFn) -> dict[str, int]:
    """Heads of each of the first three minutes, then of the rest."""
    levels = draw(st.lists(st.integers(0, 3), min_size=4, max_size=4))
    times = ["00:00-00:01", "00:01-00:02", "00:02-00:03", "00:03-24:00"]
    return dict(zip(times, levels, strict=True))


@st.composite
def scenarios(draw: st.DrawFn) -> tuple[str, dict[str, list[int]]]:
    """Two queues, up to three groups, two classes on one number each; arrivals within 3 minutes."""
    strategy = st.sampled_from(["longest_idle", "linear", "fewest_calls", "random"])
    queues = {
        name: {
            "strategy": draw(strategy),
            "weight": draw(st.integers(0, 1)),
            "capacity": draw(st.sampled_from([None, 0, 2, 5])),
        }
        for name in ("q", "r")
    }
    groups: dict[str, Any] = {}
    for name in ("g", "h", "k")[: draw(st.integers(1, 3))]:
        which = draw(st.sampled_from([["q"], ["r"], ["q", "r"], ["r", "q"]]))
        groups[name] = {
            "serves": {queue: draw(serves) for queue in which},
            "heads": draw(heads()),
            "picks": draw(st.sampled_from(["longest_wait", "in_order", "longest_queue"])),
        }
    flow: dict[str, Any] = {
        "q": {"queue": "q", "next": draw(st.sampled_from([None, "tone", "r"]))},
        "r": {"queue": "r", "full": draw(st.sampled_from([None, "tone"]))},
        "tone": {"play": f"{draw(seconds)} s"},
    }
    for node in flow.values():
        for key in [key for key, value in node.items() if value is None]:
            del node[key]
    for queue in queues.values():
        if queue["capacity"] is None:
            del queue["capacity"]
    callers = {
        name: {
            "dials": {number: "100%"},
            "patience": f"{draw(st.integers(0, 40))} s",
            "priority": draw(st.integers(0, 1)),
            "redial": {
                "after": {"abandoned": "60%", "blocked": "60%"},
                "delay": f"{draw(seconds)} s",
                "attempts": 3,
            },
        }
        for name, number in (("c", "100"), ("d", "200"))
    }
    tree = {
        "clock": {
            "duration": "4 min",
            "at_end": draw(st.sampled_from(["drain", "cut"])),
            "drain_limit": "2 min",
        },
        "numbers": {"100": {"enter": "q", "trunk": "t"}, "200": {"enter": "r", "trunk": "t"}},
        "trunks": {"t": {"channels": draw(st.integers(1, 9))}},
        "flow": flow,
        "queues": queues,
        "agents": groups,
        "callers": callers,
    }
    times = st.lists(st.integers(0, 180), min_size=1, max_size=25).map(sorted)
    return json.dumps(tree), {"c": draw(times), "d": draw(times)}


def made(scenario: tuple[str, dict[str, list[int]]]) -> Run:
    """The scenario, run."""
    text, arrivals = scenario
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder), text, **arrivals)


@few
@given(scenarios())
def test_first_come_first_served_within_a_priority(scenario: Any) -> None:
    """Of two callers of one queue and priority the later is never answered before the former."""
    of = made(scenario)
    visits, calls = of.records.visits, of.records.calls
    answered = visits.outcome == Outcome.ANSWERED
    for queue, priority in {(q, p) for q, p in zip(visits.queue, visits.priority, strict=True)}:
        mine = np.flatnonzero(answered & (visits.queue == queue) & (visits.priority == priority))
        who = [(calls.caller_class[c], calls.day[c], calls.ordinal[c]) for c in visits.call[mine]]
        order = sorted(range(len(mine)), key=lambda i: (visits.joined_at[mine[i]], who[i]))
        left = visits.left_at[mine[order]]
        assert np.all(np.diff(left) >= 0)


@few
@given(scenarios())
def test_an_agent_serves_one_call_at_a_time(scenario: Any) -> None:
    """From answer to the end of wrap-up an agent has no other call, and only of queues served."""
    of = made(scenario)
    visits = of.records.visits
    busy = defaultdict(list)
    for row in np.flatnonzero(visits.outcome == Outcome.ANSWERED):
        until = visits.wrap_up_until[row] if visits.wrap_up_until[row] >= 0 else of.records.end_at
        busy[int(visits.group[row]), int(visits.agent[row])].append(
            (int(visits.left_at[row]), int(until))
        )
        assert of.compiled.program.groups.penalty[visits.group[row], visits.queue[row]] >= 0
        most = np.diff(of.compiled.program.groups.first_agent)
        assert 0 <= visits.agent[row] < most[visits.group[row]]
    for spans in busy.values():
        spans.sort()
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


def waiting_and_busy(of: Run, at: int) -> tuple[set[int], dict[int, int]]:
    """Between two instants (at a half second): queues with a caller, and busy agents by group."""
    visits = of.records.visits
    waits = (visits.joined_at < at) & (visits.left_at > at)
    until = np.where(visits.wrap_up_until >= 0, visits.wrap_up_until, 1 << 60)
    busy = (visits.agent >= 0) & (visits.left_at < at) & (until > at)
    by_group: dict[int, int] = defaultdict(int)
    for group in visits.group[busy]:
        by_group[int(group)] += 1
    return {int(q) for q in visits.queue[waits]}, by_group


@few
@given(scenarios())
def test_no_agent_is_idle_beside_a_caller_to_serve(scenario: Any) -> None:
    """At each half second: where somebody waits, all agents on the phone who serve the queue are busy.

    On the phone by the calendar at least: agents over the count are finishing their last call.
    """
    of = made(scenario)
    groups, calendars = of.compiled.program.groups, of.compiled.program.flow.calendars
    for half in range(of.records.end_at // S):
        at = half * S + S // 2
        queues, busy = waiting_and_busy(of, at)
        for group, calendar in enumerate(groups.calendar):
            if any(groups.penalty[group, q] >= 0 for q in queues):
                steps = slice(calendars.start[calendar], calendars.start[calendar + 1])
                place = int(np.searchsorted(calendars.at[steps], at, side="right")) - 1
                assert busy[group] >= calendars.value[steps][place]


@few
@given(scenarios())
def test_littles_law_is_exact(scenario: Any) -> None:
    """The integral of the number waiting is the sum of the waits, queue by queue, to a microsecond."""
    of = made(scenario)
    visits = of.records.visits
    for queue in range(2):
        mine = visits.queue == queue
        assert int((visits.left_at - visits.joined_at)[mine].sum()) == int(
            of.records.grid.queue_time[:, queue].sum()
        )


@few
@given(scenarios())
def test_nobody_waits_for_longer_than_patience(scenario: Any) -> None:
    """Waits end at the class's patience at the latest; abandonments exactly there."""
    of = made(scenario)
    visits, classes = of.records.visits, of.compiled.program.classes
    patience = of.compiled.program.flow.dists.law.p1[classes.patience_dist]
    limit = patience[of.records.calls.caller_class[visits.call]]
    wait = visits.left_at - visits.joined_at
    assert np.all(wait <= limit)
    assert np.all((wait == limit)[visits.outcome == Outcome.ABANDONED])


@few
@given(scenarios())
def test_channels_and_places_are_never_exceeded(scenario: Any) -> None:
    """Calls on the trunk up to its channels; callers in a queue up to its capacity."""
    of = made(scenario)
    calls, visits, program = of.records.calls, of.records.visits, of.compiled.program
    channels = int(
        program.flow.calendars.value[program.flow.calendars.start[program.trunks.calendar[0]]]
    )
    for at in range(S // 2, of.records.end_at, S):
        on = (calls.answered_after >= 0) & (answered_at(calls) < at) & (calls.ended_at > at)
        assert on.sum() <= channels
        for queue, capacity in enumerate(program.queues.capacity):
            waits = (visits.queue == queue) & (visits.joined_at < at) & (visits.left_at > at)
            assert capacity < 0 or waits.sum() <= capacity


@few
@given(scenarios())
def test_names_change_nothing(scenario: Any) -> None:
    """Queues, groups, classes and nodes under other names: the same records, cell by cell."""
    text, arrivals = scenario
    other = text
    for name in ("q", "r", "g", "h", "k", "c", "d", "tone", "t"):
        other = other.replace(f'"{name}"', f'"имя_{name}"')
    one = made((text, arrivals)).records
    two = made((other, {f"имя_{name}": at for name, at in arrivals.items()})).records
    for table in ("calls", "visits", "grid"):
        for a, b in zip(getattr(one, table), getattr(two, table), strict=True):
            assert np.array_equal(a, b)
    assert one.end_at == two.end_at


@few
@given(scenarios())
def test_attempts_follow_one_another(scenario: Any) -> None:
    """Each caller's attempts count up from 0, each at the instant that the one before it named."""
    of = made(scenario)
    calls = of.records.calls
    chains = defaultdict(list)
    for row in range(len(calls.arrived_at)):
        chains[calls.caller_class[row], calls.day[row], calls.ordinal[row]].append(row)
    for rows in chains.values():
        assert list(range(len(rows))) == calls.attempt[rows].tolist()
        assert calls.redial_at[rows[:-1]].tolist() == calls.arrived_at[rows[1:]].tolist()
        assert len(rows) <= 3
        assert calls.redial_at[rows[-1]] < 0 or calls.redial_at[rows[-1]] > of.records.end_at
