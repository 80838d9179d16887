"""A staffing plan as plain data, and as a scenario file.

Belongs here: what `study.json` and the page know of a plan; the variant's YAML. Does not belong here:
pages (`report.staffing`).
"""

import json
import os
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from vpbx.scenario.hours import DAYS
from vpbx.study.precision import Effort, as_data
from vpbx.study.staffing.aims import Aim
from vpbx.study.staffing.plan import AimReport, StaffPlan
from vpbx.study.staffing.proof import Fewer
from vpbx.study.staffing.rostering import ShiftPlan

WORST = 0.05
"""The worst day is the one that this share of days do not better."""


def plan_data(plan: StaffPlan, name: str, seed: int) -> dict[str, Any]:
    """The plan as numbers and texts that JSON can hold."""
    return {
        "kind": "staffing",
        "scenario": name,
        "seed": seed,
        "per_min": plan.per_min,
        "by_week": plan.by_week,
        "over": "run" if plan.wish.over_run else "interval",
        "confidence": plan.wish.confidence,
        "method": plan.wish.method,
        "days": {"search": plan.n_search, "fresh": plan.n_fresh, "simulated": plan.simulated},
        "effort": as_data(
            Effort(plan.n_search, plan.wish.precision, plan.wish.cap), plan.stopped, ()
        ),
        "confirmed": plan.confirmed,
        "short_on_fresh": plan.short_on_fresh,
        "paid_hours": plan.hours,
        "paid_hours_before": plan.hours_before,
        "cost": plan.cost,
        "currency": plan.currency,
        "slots": list(plan.slots),
        "minutes": plan.minute.tolist(),
        "groups": [_group(plan, row) for row in range(len(plan.groups))],
        "targets": [
            _target(aim, before) for aim, before in zip(plan.aims, plan.before_values, strict=True)
        ],
        "one_fewer": [_fewer(plan, fewer) for fewer in plan.fewer],
    }


def _group(plan: StaffPlan, row: int) -> dict[str, Any]:
    return {
        "group": plan.groups[row],
        "serves": list(plan.serves[row]),
        "heads": plan.heads[row].tolist(),
        "on_the_phone": plan.staff[row].tolist(),
        "before": plan.before[row].tolist(),
        "first_guess": plan.first_guess[row].tolist(),
        "offered_load": [round(x, 4) for x in plan.load[row].tolist()],
    }


def _target(report: AimReport, before: float) -> dict[str, Any]:
    aim = report.aim
    return {
        "text": aim.text,
        "scope": aim.scope,
        "measure": aim.measure,
        "definition": aim.definition,
        "bound": aim.bound,
        "at_least": aim.at_least,
        "long_run": _number(report.value),
        "half_width": _number(report.half_width),
        "before": _number(before),
        "days_meeting": _number(report.days_meeting),
        "worst_day": _number(report.worst_day),
        "by_slot": _numbers(report.by_slot),
        "safe_side": _numbers(report.lower),
        "fresh": _numbers(report.fresh),
    }


def _fewer(plan: StaffPlan, fewer: Fewer) -> dict[str, Any]:
    row, slot = fewer.key
    return {"group": plan.groups[row], "at": plan.slots[slot], **broken(plan, fewer)}


def broken(plan: StaffPlan, fewer: Fewer) -> dict[str, Any]:
    """What one fewer breaks."""
    aim: Aim = plan.aims[fewer.aim].aim
    sign = 1.0 if aim.at_least or fewer.at == -2 else -1.0
    where = {-1: "the whole run", -2: "share of days"}.get(fewer.at)
    return {
        "breaks": aim.text,
        "where": where or plan.slots[fewer.at],
        "value": _number(sign * fewer.value),
        "safe_side": _number(sign * fewer.lower),
        "for_certain": fewer.certain,
    }


def shift_data(found: ShiftPlan, name: str, seed: int) -> dict[str, Any]:
    """A plan by shifts as plain data."""
    plan, roster = found.plan, found.roster
    used = np.flatnonzero(roster.people).tolist()
    proof = {fewer.key[0]: fewer for fewer in found.fewer}
    rows = []
    for c in used:
        column = roster.columns[c]
        pauses = [
            {
                f"{(column.start_min + at) % 1440 // 60:02d}:{(column.start_min + at) % 60:02d}": n
                for at, n in zip(pause.starts_min, taken.tolist(), strict=True)
                if n
            }
            for pause, taken in zip(column.pauses, roster.pausing[c], strict=True)
        ]
        rows.append(
            {
                "shift": column.name,
                "group": plan.groups[column.row],
                "day": DAYS[column.day] if column.day >= 0 else "daily",
                "start": f"{column.start_min // 60:02d}:{column.start_min % 60:02d}",
                "length_min": column.length_min,
                "people": int(roster.people[c]),
                "breaks": pauses,
                "one_fewer": broken(plan, proof[c]) if c in proof else None,
            }
        )
    shifts = {
        "cost": roster.cost,
        "hours": roster.hours,
        "people": int(roster.people.sum()),
        "rounds": found.rounds,
        "columns": len(roster.columns),
        "need": found.need.tolist(),
        "rows": rows,
    }
    return plan_data(plan, name, seed) | {"shifts": shifts}


def _number(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None


def _numbers(values: Any) -> list[float | None]:
    return [_number(value) for value in values.tolist()]


def variant_text(plan: StaffPlan, base: Path, folder: Path, name: str) -> str:
    """A scenario file in `folder` that extends `base` and sets the plan's heads."""
    lines = [
        f"extends: {json.dumps(os.path.relpath(base.resolve(), folder.resolve()))}",
        f"name: {json.dumps(f'{name}, staffed', ensure_ascii=False)}",
        "agents:",
    ]
    for group, heads in zip(plan.groups, plan.heads, strict=True):
        lines += [f"  {group}:", "    heads:"]
        lines += [f"      {json.dumps(text)}: {n}" for text, n in table(plan, heads.tolist())]
    return "\n".join(lines) + "\n"


def table(plan: StaffPlan, heads: list[int]) -> list[tuple[str, int]]:
    """Stretches of the day (or week) with their heads; equal neighbours joined.

    After a run that ends within a day, the last heads stay until midnight.
    """
    minutes = plan.minute.tolist()
    found: list[tuple[str, int]] = []
    for day, places in groupby(range(len(minutes)), key=lambda i: minutes[i] // 1440):
        own = list(places)
        prefix = f"{DAYS[day]} " if plan.by_week else ""
        last = own[-1] == len(minutes) - 1 and not plan.by_week
        for value, run in groupby(own, key=lambda i: heads[i]):
            stretch = list(run)
            start = minutes[stretch[0]] % 1440
            end = minutes[stretch[-1]] % 1440 + plan.per_min
            end = 1440 if last and stretch[-1] == own[-1] else end
            found.append((f"{prefix}{_clock(start)}-{_clock(end)}", value))
    return found


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
