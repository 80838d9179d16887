"""Queues and agent groups → tables.

Belongs here: names → indices, heads and shifts → calendars of agents on the phone. Does not belong
here: who takes which call (`engine`).
"""

from typing import Any

import numpy as np

from vpbx.codes import Estimator, Leaving, Picks
from vpbx.program.calendars import CalendarTable
from vpbx.program.program import Groups, Queues
from vpbx.program.quantiles import DistributionTable
from vpbx.program.rare_tables import Span, out_steps, outages
from vpbx.scenario.desks import AgentGroup, Phone
from vpbx.scenario.models import Scenario
from vpbx.scenario.strategies import STRATEGIES
from vpbx.traffic.calendar import Steps
from vpbx.units import SECOND_US


def group_table(scenario: Scenario, calendars: CalendarTable, dists: DistributionTable) -> Groups:
    """The groups; agents are as many as are ever on the phone at once."""
    groups, queues = list(scenario.agents.values()), list(scenario.queues)
    shape = (len(groups), len(queues))
    penalty, handle = np.full(shape, -1, np.int64), np.full(shape, -1, np.int64)
    wrap_up, order = np.full(shape, -1, np.int64), np.full(shape, -1, np.int64)
    after, spare, settles = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.ones(shape)
    for g, group in enumerate(groups):
        for place, (name, serves) in enumerate(group.serves.items()):
            q = queues.index(name)
            penalty[g, q], order[g, place] = serves.penalty, q
            handle[g, q] = dists.add(serves.handle_time)
            wrap_up[g, q] = dists.add(serves.wrap_up)
            after[g, q], spare[g, q] = serves.after, serves.spare
            settles[g, q] = serves.settles
    schedules = [
        calendars.add(_on_the_phone(scenario, calendars, name)) for name in scenario.agents
    ]
    most = [int(max(calendars.steps(c).value)) for c in schedules]
    return Groups(
        calendar=np.array(schedules, np.int64),
        picks=np.array([Picks[g.picks.upper()] for g in groups], np.int64),
        leaving=np.array([Leaving[g.leaving.upper()] for g in groups], np.int64),
        first_agent=np.cumsum([0, *most]).astype(np.int64),
        penalty=penalty,
        handle_dist=handle,
        wrap_up_dist=wrap_up,
        queue_order=order,
        after_us=after,
        spare=spare,
        settled_p=settles,
        **_phones(groups, dists),
    )


def _phones(groups: list[AgentGroup], dists: DistributionTable) -> dict[str, Any]:
    """The columns on how the agents' phones ring."""
    phones = [group.phone for group in groups]
    silent = Phone()
    rows = [
        {
            "rings": int(phone is not None),
            "phone_dist": dists.add(phone.answers_after) if phone else -1,
            "ring_us": (phone or silent).ring_time,
            "retry_us": (phone or silent).retry,
            "autopause": -1 if phone is None or phone.autopause is None else phone.autopause,
            "pause_us": (phone or silent).pause,
            "autopause_delay_us": (phone or silent).autopause_delay,
        }
        for phone in phones
    ]
    names = (
        "rings", "phone_dist", "ring_us", "retry_us", "autopause", "pause_us", "autopause_delay_us",
    )  # fmt: skip
    columns: dict[str, Any] = {n: np.array([r[n] for r in rows], np.int64) for n in names}
    return columns | {"missed": np.array([(phone or silent).missed for phone in phones])}


def _on_the_phone(scenario: Scenario, calendars: CalendarTable, name: str) -> Steps:
    """A group's agents on the phone (conversations that they can hold), 0 during its outages."""
    group = scenario.agents[name]
    steps = calendars.plain(group.present)
    steps = Steps(steps.at, steps.value * group.at_once)
    return without(steps, [span for span, _ in outages(scenario, calendars, "agents", name)])


def without(steps: Steps, spans: list[Span]) -> Steps:
    """The function, 0 during the spans."""
    if not spans:
        return steps
    out = out_steps(spans)
    at = np.unique(np.concatenate([steps.at, out.at]))
    value = steps.value[np.searchsorted(steps.at, at, side="right") - 1]
    value = np.where(out.value[np.searchsorted(out.at, at, side="right") - 1] == 1, 0, value)
    changes = np.flatnonzero(np.diff(value, prepend=value[0] - 1))
    return Steps(at[changes], value[changes])


def queue_table(scenario: Scenario, groups: Groups, calendars: CalendarTable) -> Queues:
    """The queues."""
    queues = scenario.queues.values()
    return Queues(
        capacity=np.array([-1 if q.capacity is None else q.capacity for q in queues], np.int64),
        strategy=np.array([STRATEGIES[q.platform][q.strategy] for q in queues], np.int64),
        weight=np.array([q.weight for q in queues], np.int64),
        short_abandon_us=np.array([q.short_abandon for q in queues], np.int64),
        estimator=np.array([Estimator[q.estimator.upper()] for q in queues], np.int64),
        aht_s=np.array([_aht_s(scenario, groups, calendars, q) for q in scenario.queues], np.int64),
        credit_us=np.array([-1 if q.credit is None else q.credit for q in queues], np.int64),
        staged=(groups.after_us.max(axis=0, initial=0) > 0).astype(np.int64),
    )


def _aht_s(scenario: Scenario, groups: Groups, calendars: CalendarTable, queue: str) -> int:
    """Mean handle time and wrap-up of a queue, weighted by the groups' mean agents."""
    weights, times = [], []
    for g, group in enumerate(scenario.agents.values()):
        if queue in group.serves:
            steps = calendars.steps(int(groups.calendar[g]))
            spans = np.diff(np.append(steps.at, max(calendars.until_us, steps.at[-1] + 1)))
            weights.append(float(np.sum(steps.value * spans)) or 1e-9)
            serves = group.serves[queue]
            times.append(serves.handle_time.mean_us + serves.wrap_up.mean_us)
    return round(np.average(times, weights=weights) / SECOND_US) if times else 0
