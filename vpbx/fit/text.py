"""What was fitted, as a scenario: YAML with comments on what was inferred and how sure it is.

Belongs here: the text, and the files of values beside it. Does not belong here: estimates.
"""

from itertools import pairwise

from vpbx.fit.callers import callers, entries
from vpbx.fit.fitted import Fitted
from vpbx.fit.heads import by_weekday, presence, rounded, table_text
from vpbx.fit.law import seconds
from vpbx.fit.writing import NUMBER, Plan, Writing, Written, about, quoted
from vpbx.scenario.desks import Queue

HAS_CREDIT = "credit" in Queue.model_fields
"""Whether a queue can say what a step of priority is worth."""


def scenario_text(fitted: Fitted, plan: Plan) -> Written:
    """The scenario of a fit, to be written beside its files."""
    w = Writing(fitted, plan)
    _head(w)
    _flow(w)
    _queues(w)
    _agents(w)
    callers(w)
    level = seconds(plan.service_level_s)
    w.add("", f"measures: {{interval: 60 min, service_level: [{level}]}}", "")
    return Written("\n".join(w.lines), w.files)


def usual_week(fitted: Fitted, source: str, stem: str, timezone: str) -> Written:
    """The scenario of the usual week of a fit: fitted arrivals, mean heads by weekday."""
    days = fitted.arrivals.days
    means, weekdays = by_weekday(presence(fitted.duty, days), days)
    plan = Plan(
        name=f"Usual week fitted to {source}",
        description=f"Arrivals, staffing, handle times and patience of {fitted.first} to "
        f"{fitted.last}.",
        start=fitted.first,
        n_days=7,
        timezone=timezone,
        heads=rounded(means, fitted.options.interval_min),
        weekdays=weekdays,
        stem=stem,
    )
    return scenario_text(fitted, plan)


def _head(w: Writing) -> None:
    fitted, plan = w.fitted, w.plan
    n = len(fitted.log.calls.line)
    w.add(
        f"# Fitted to {n:,} calls from {fitted.first} to {fitted.last}"
        f" ({fitted.set_aside:,} more set aside as no callers' own).",
        "# Each figure was inferred from the log; the comments say how, and how sure it is.",
    )
    remarks = [*fitted.log.remarks, *fitted.classes.merged]
    if fitted.log.credit_s and not HAS_CREDIT:
        remarks.append(
            f"a step of priority is worth {fitted.log.credit_s:g} s of waiting; a strict priority "
            "stands for it and brings such callers forward too far"
        )
    for remark in remarks:
        w.add(f"# Note: {_one_line(remark)}.")
    w.add(
        "",
        f"name: {quoted(plan.name)}",
        f"description: {quoted(plan.description)}",
        f"clock: {{start: {plan.start} 00:00, duration: {plan.n_days} days, "
        f"timezone: {plan.timezone}}}",
        "seed: 1",
        f"replications: {plan.replications}",
        "",
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _hours(w: Writing) -> None:
    """Opening hours, where callers outside them are turned away; parts of the day."""
    opening, starts = w.fitted.opening, w.fitted.parts.starts
    if opening is None and len(starts) == 1:
        return
    if len(starts) > 1:
        w.add(
            "# Calls last longer or shorter by the part of the day, whoever answers: a queue for",
            "# each part stands for one; all are served together, as one line.",
        )
    if opening is not None:
        w.add(
            "# Open where agents answer on half of such days or more. Outside: "
            f"{opening.outside:,} calls, of which {opening.joined_outside:,} got to a queue.",
        )
    w.add("hours:")
    if opening is not None:
        texts = ", ".join(quoted(text) for text in opening.texts())
        w.add(f"  desk: {{open: [{texts}]}}")
    for start, end in pairwise(starts):
        w.add(f"  from_{start}: {{open: {quoted(f'daily {start:02d}:00-{end:02d}:00')}}}")
    w.add("")


def _flow(w: Writing) -> None:
    queues, ivr = w.fitted.classes.queues, w.fitted.ivr
    fork = queues[0] if len(queues) == 1 else "by_type"
    first = "menus" if ivr else _node(fork)
    _hours(w)
    enter = first if w.fitted.opening is None else "by_hours"
    w.add("numbers:", f'  "{NUMBER}": {{enter: {enter}}}', "", "flow:")
    if w.fitted.opening is not None:
        w.add(
            "  by_hours:", "    branch: [{closed: desk, next: closed}]", f"    otherwise: {first}"
        )
        law = w.fitted.closed
        heard = "0 s" if law is None else quoted(w.law("closed", law))
        w.add(f"  closed: {{play: {heard}, says: Closed, next: goodbye}}")
    if ivr is not None:
        w.add(f"  # time in menus: {about(ivr)}")
        w.add(f"  menus: {{play: {quoted(w.law('menus', ivr))}, next: {_node(fork)}}}")
    if len(queues) > 1:
        w.add("  by_type:", "    branch:")
        for q, queue in enumerate(queues[:-1]):
            mine = [quoted(n) for c, n in entries(w) if w.fitted.classes.queue_of[c] == q]
            if mine:
                w.add(f"      - {{class: [{', '.join(mine)}], next: {_node(queue)}}}")
        w.add(f"    otherwise: {_node(queues[-1])}")
    for q, queue in enumerate(queues):
        names = _part_names(w.fitted, q)
        if len(names) > 1:
            parts = [
                f"{{open: from_{h}, next: {_node(name)}}}"
                for h, name in zip(w.fitted.parts.starts[:-1], names[:-1], strict=True)
            ]
            w.add(f"  {_node(queue)}:", f"    branch: [{', '.join(parts)}]")
            w.add(f"    otherwise: {_node(names[-1])}")
        for name in names:
            w.add(f"  {_node(name)}: {{queue: {quoted(name)}, next: goodbye}}")
    w.add("  goodbye: hangup", "")


def _node(name: str) -> str:
    return name if name == "by_type" else quoted(f"queue_{name}")


def _queues(w: Writing) -> None:
    worth = w.fitted.log.credit_s
    credit = f"credit: {seconds(worth)}" if worth and HAS_CREDIT else ""
    w.add("queues:")
    for q in range(len(w.fitted.classes.queues)):
        w.add(*(f"  {quoted(name)}: {{{credit}}}" for name in _part_names(w.fitted, q)))
    w.add("")


def _part_names(fitted: Fitted, q: int) -> list[str]:
    """The queues that stand for one: several where handle times differ by the part of the day."""
    name = fitted.classes.queues[q]
    if len(fitted.parts.of_queue(q)) == 1:
        return [name]
    return [f"{name}_from_{hour}" for hour in fitted.parts.starts]


def _agents(w: Writing) -> None:
    fitted, duty = w.fitted, w.fitted.duty
    wrap_up = fitted.wrap_up
    w.add(
        "# Agents who serve the same queues are one group. On duty: from the first call to the last,"
        " without breaks",
        f"# seen while callers waited ({duty.breaks:,}) and pauses of more than "
        f"{fitted.options.longest_idle_min:g} min. {duty.unnamed:,} answered calls name no agent.",
    )
    if not (fitted.log.calls.agent >= 0).any():
        w.add("# Nobody is named: heads are the talks at a time, the least there can have been.")
    if wrap_up is not None:
        w.add(f"# After-call work, seen where a caller was waiting: {about(wrap_up)}")
    after = "0 s" if wrap_up is None else w.law("wrap_up", wrap_up)
    for name, law in zip(fitted.classes.queues, fitted.handle, strict=True):
        w.add(f"# handle time of {name}: {about(law)}")
    w.add("agents:")
    for g, queues in enumerate(_served(fitted)):
        n = int((duty.groups.group_of == g).sum())
        pace = duty.groups.pace[g] if g < len(duty.groups.pace) else 1.0
        w.add(f"  group_{g + 1}:  # {n} agents, calls take {pace:.0%} of the usual time")
        w.add("    serves:")
        for q in queues:
            own = fitted.handle_of.get((g, q), fitted.handle[q])
            group = f"_{g + 1}" if (g, q) in fitted.handle_of else ""
            factors = fitted.parts.of_queue(q)
            for name, factor in zip(_part_names(fitted, q), factors, strict=True):
                talk = quoted(w.law(f"handle_{name}{group}", own.scaled(factor)))
                told = f"{{handle_time: {talk}, wrap_up: {quoted(after)}}}"
                w.add(f"      {quoted(name)}: {told}")
        table = table_text(w.plan.heads[g], w.plan.weekdays, "      ")
        w.add("    heads:" if table else "    heads: 0", *([table] if table else []))
    w.add("")


def _served(fitted: Fitted) -> list[tuple[int, ...]]:
    """Queues of each group; a queue that nobody is known to serve is served by the first group."""
    served = [tuple(queues) for queues in fitted.duty.groups.serves]
    every = set(range(len(fitted.classes.queues)))
    if not served:
        return [tuple(sorted(every))]
    nobody = every - {q for queues in served for q in queues}
    served[0] = (*served[0], *sorted(nobody))
    return served
