"""A listing of the Program, like a disassembly: what the engines really run, for people to read.

Belongs here: tables → lines of text. Does not belong here: making the tables (`compile`).
"""

import math
from collections.abc import Iterator

from vpbx.codes import (
    KEYS,
    Case,
    Distribution,
    Estimator,
    Leaving,
    Op,
    Picks,
    Relation,
    RingMode,
    Strategy,
)
from vpbx.program.program import Names, Program
from vpbx.units import duration_text


def listing(program: Program, names: Names) -> list[str]:
    """One line a number, node, key and case, queue and group, and the law behind each duration."""
    lines: list[str] = []
    for i, number in enumerate(names.numbers):
        trunk = int(program.numbers.trunk[i])
        held = names.trunks[trunk] if trunk >= 0 else "no trunk"
        lines.append(f"number {number}: {held}, enter {_node(names, program.numbers.enter[i])}")
    for i in range(len(names.nodes)):
        lines += _node_lines(program, names, i)
    lines += [_queue_line(program, names, queue) for queue in range(len(names.queues))]
    for group in range(len(names.groups)):
        lines += _group_lines(program, names, group)
    return lines


def _node(names: Names, index: int) -> str:
    """Index and name of a node; the end of the call for -1."""
    return f"{index:03d} {names.nodes[index]}" if index >= 0 else "hang up"


def law(program: Program, dist: int) -> str:
    """A row of the distributions in words."""
    if dist < 0:
        return "none"
    own = program.flow.dists.law[dist]
    kind, p1, p2 = Distribution(own.kind), float(own.p1), float(own.p2)
    if kind in (Distribution.CONSTANT, Distribution.EXPONENTIAL):
        return f"{kind.name.lower()} {duration_text(p1)}"
    if kind == Distribution.UNIFORM:
        return f"uniform {duration_text(p1)} .. {duration_text(p2)}"
    if kind == Distribution.LOGNORMAL:
        return f"lognormal median {duration_text(math.exp(p1))} sigma={p2:.6g}"
    if kind == Distribution.WEIBULL:
        return f"weibull scale={duration_text(p1)} shape={1 / p2:.6g}"
    return f"{kind.name.lower()} of {int(own.points)} points"


def _node_lines(program: Program, names: Names, i: int) -> list[str]:
    """A node: its kind and parameters, then a line for each key, case, leg or offer."""
    op = Op(program.flow.nodes.op[i])
    head, *rest = _LINES.get(op, _plain_lines)(program, names, i)
    return [f"{_node(names, i)}: {op.name.lower()}{head}{_module(program, names, i)}", *rest]


def _module(program: Program, names: Names, i: int) -> str:
    nodes = program.flow.nodes
    if nodes.module[i] < 0:
        return ""
    return f", unlicensed {_or_busy(names, nodes.unlicensed[i])} by calendar {nodes.module[i]}"


def _or_busy(names: Names, index: int) -> str:
    return _node(names, index) if index >= 0 else "busy tone"


def _next(program: Program, names: Names, i: int) -> str:
    return f"next {_node(names, program.flow.nodes.next[i])}"


def _plain_lines(program: Program, names: Names, i: int) -> list[str]:
    """A hang-up, or a node that takes its time and goes on."""
    dist = program.flow.nodes.dist[i]
    return [f" {law(program, dist)}, {_next(program, names, i)}" if dist >= 0 else ""]


def _play_lines(program: Program, names: Names, i: int) -> list[str]:
    nodes = program.flow.nodes
    keys = f", keys after {law(program, nodes.reaction_dist[i])}" if nodes.barge_in[i] else ""
    return [f" {law(program, nodes.dist[i])}{keys}, {_next(program, names, i)}"]


def _chance_lines(program: Program, names: Names, i: int) -> list[str]:
    """Self-service, identification and survey: two ways by chance."""
    nodes = program.flow.nodes
    otherwise = f"otherwise {_node(names, nodes.otherwise[i])}"
    chance = f"{nodes.settles[i]:.0%} {_next(program, names, i)}, {otherwise}"
    return [f" {law(program, nodes.dist[i])}, {chance}"]


def _voicemail_lines(program: Program, names: Names, i: int) -> list[str]:
    nodes = program.flow.nodes
    queue = names.queues[nodes.row[i]] if nodes.row[i] >= 0 else "no queue"
    most = f"{nodes.capacity[i]}" if nodes.capacity[i] >= 0 else "any number of"
    full = f"full {_or_busy(names, nodes.full[i])}"
    return [f" {law(program, nodes.dist[i])}, {most} messages in {queue}, {full}"]


def _ring_lines(program: Program, names: Names, i: int) -> list[str]:
    nodes, rings, row = program.flow.nodes, program.rings, int(program.flow.nodes.row[i])
    mode = RingMode(rings.mode[row]).name.lower()
    first = int(rings.first_leg[row])
    otherwise = f"otherwise {_node(names, nodes.otherwise[i])}"
    head = f" {mode}, {_next(program, names, i)}, {otherwise}"
    legs = range(first, first + int(rings.n_legs[row]))
    return [head, *(_leg_line(program, names, leg) for leg in legs)]


def _leg_line(program: Program, names: Names, leg: int) -> str:
    """A leg, and where its calls go on."""
    extension, table = int(program.legs.extension[leg]), program.extensions
    ring = duration_text(float(program.legs.ring_us[leg]))
    forwards = (
        ("always", table.always),
        ("busy", table.busy_to),
        ("no answer", table.no_answer_to),
        ("outside hours", table.outside_to),
    )
    on = [
        f", {how} {names.extensions[to[extension]]}" for how, to in forwards if to[extension] >= 0
    ]
    answers = law(program, table.answers_dist[extension])
    talk = law(program, table.talk_dist[extension])
    trunk = int(table.trunk[extension])
    held = f", trunk {names.trunks[trunk]}" if trunk >= 0 else ""
    return (
        f"    {names.extensions[extension]} rings {ring}, answers after {answers}, "
        f"talk {talk}{held}{''.join(on)}"
    )


def _queue_lines(program: Program, names: Names, i: int) -> list[str]:
    nodes = program.flow.nodes
    full = f"full {_or_busy(names, nodes.full[i])}"
    head = (
        f" {names.queues[nodes.row[i]]}, priority {nodes.priority[i]:+d}, "
        f"{_next(program, names, i)}, {full}"
    )
    row = int(nodes.wait[i])
    return [head, *(_wait_lines(program, names, row) if row >= 0 else ())]


def _wait_lines(program: Program, names: Names, row: int) -> Iterator[str]:
    """What else can happen at a queue node: limits, announcements, offers."""
    waits = program.waits
    if waits.checks_empty[row]:
        yield f"    nobody there: {_or_busy(names, waits.empty[row])}"
    if waits.max_wait_us[row] >= 0:
        most = duration_text(float(waits.max_wait_us[row]))
        yield f"    after {most}: {_node(names, waits.timed_out[row])}"
    if waits.leave_p[row] > 0:
        after = law(program, waits.leave_dist[row])
        yield f"    {waits.leave_p[row]:.0%} leave after {after}: {_node(names, waits.leave_to[row])}"
    if waits.every_us[row] > 0:
        yield f"    told again every {duration_text(float(waits.every_us[row]))}"
    first = int(waits.first_reaction[row])
    for reaction in range(first, first + int(waits.n_reactions[row])):
        told = duration_text(float(program.reactions.told_us[reaction]))
        yield f"    {program.reactions.p[reaction]:.0%} hang up when told {told} or more"
    yield from _offer_lines(program, names, row)
    if waits.keep_place[row]:
        yield "    the place counts from the call's first queue"
    if waits.holds_agent[row]:
        until = ("", "it is answered", "the end of the talk")[int(waits.holds_agent[row])]
        yield f"    the agent before stays until {until}"


def _offer_lines(program: Program, names: Names, row: int) -> Iterator[str]:
    """Offers, in the order in which they are made."""
    waits = program.waits
    if waits.elsewhere_p[row] > 0:
        where = _node(names, waits.elsewhere_to[row])
        asked = _asked(program, names, int(waits.elsewhere_case[row]))
        yield f"    {waits.elsewhere_p[row]:.0%} go elsewhere{asked}: {where}"
    if waits.callback_p[row] > 0:
        asked = _asked(program, names, int(waits.callback_case[row]))
        answers = f"{waits.callback_answers[row]:.0%} answer"
        attempts = f"{waits.callback_attempts[row]} attempts"
        yield f"    {waits.callback_p[row]:.0%} want a call back{asked}, {answers}, {attempts}"
    if waits.skip_p[row] > 0:
        asked = _asked(program, names, int(waits.skip_case[row]))
        step = f"priority {waits.skip_priority[row]:+d}"
        yield f"    {waits.skip_p[row]:.0%} pay for {step}{asked}"


def _asked(program: Program, names: Names, case: int) -> str:
    return f" while {_question(program, names, case)}" if case >= 0 else ""


def _menu_node_lines(program: Program, names: Names, i: int) -> list[str]:
    return ["", *_menu_lines(program, names, int(program.flow.nodes.row[i]))]


def _branch_lines(program: Program, names: Names, i: int) -> list[str]:
    last = f"    otherwise {_node(names, program.flow.nodes.otherwise[i])}"
    return ["", *_case_lines(program, names, i), last]


_LINES = {
    Op.PLAY: _play_lines,
    Op.MENU: _menu_node_lines,
    Op.SELF_SERVICE: _chance_lines,
    Op.IDENTIFY: _chance_lines,
    Op.SURVEY: _chance_lines,
    Op.BRANCH: _branch_lines,
    Op.QUEUE: _queue_lines,
    Op.RING: _ring_lines,
    Op.VOICEMAIL: _voicemail_lines,
}
"""What stands after a node's kind, and the lines below it; `_plain_lines` for the others."""


def _menu_lines(program: Program, names: Names, menu: int) -> Iterator[str]:
    """Keys, then the goals for which each is pressed, then silence and wrong keys."""
    menus = program.flow.menus
    for code, key in enumerate(KEYS):
        if menus.key_next[menu, code] >= 0:
            goals = [
                g for g, press in zip(names.goals, menus.press[menu], strict=True) if press == code
            ]
            wanted = f", for {', '.join(goals)}" if goals else ""
            at = duration_text(float(menus.key_at_us[menu, code]))
            yield f"    {key} read at {at}: {_node(names, menus.key_next[menu, code])}{wanted}"
    after = duration_text(float(menus.no_input_after_us[menu]))
    yield (
        f"    no input {after} after {duration_text(float(menus.length_us[menu]))}, "
        f"{menus.no_input_repeat[menu]} repeats, then {_node(names, menus.no_input_then[menu])}"
    )
    then = _node(names, menus.no_match_then[menu])
    yield f"    no match: {menus.no_match_repeat[menu]} repeats, then {then}"


def _case_lines(program: Program, names: Names, i: int) -> Iterator[str]:
    """The cases of a branch, in order."""
    cases, nodes = program.flow.cases, program.flow.nodes
    for case in range(nodes.row[i], nodes.row[i] + nodes.n_cases[i]):
        yield f"    {_question(program, names, case)}: {_node(names, cases.next[case])}"


def _question(program: Program, names: Names, case: int) -> str:
    """What a case asks."""
    cases = program.flow.cases
    kind, operand = Case(cases.kind[case]), int(cases.operand[case])
    if kind == Case.SHARE:
        return f"chance up to {cases.value[case] / 2**52:.4g}"
    if kind >= Case.QUEUE_LENGTH:
        relation = _RELATIONS[Relation(cases.relation[case])]
        return f"{names.queues[operand]}.{kind.name.lower()} {relation} {cases.value[case]}"
    if kind == Case.OPEN:
        return f"{'closed' if cases.negated[case] else 'open'}, calendar {operand}"
    known = names.classes if kind == Case.CLASS else names.networks
    members = [name for name, m in zip(known, cases.member[operand], strict=False) if m]
    return f"{kind.name.lower()} {', '.join(members)}"


_RELATIONS = {Relation.LT: "<", Relation.LE: "<=", Relation.GT: ">", Relation.GE: ">="}


def _queue_line(program: Program, names: Names, queue: int) -> str:
    """A queue: who is taken, and by whom."""
    queues = program.queues
    capacity = int(queues.capacity[queue])
    places = f"{capacity} places" if capacity >= 0 else "any number of places"
    credit = int(queues.credit_us[queue])
    worth = f", a step of priority is worth {duration_text(float(credit))}" if credit >= 0 else ""
    return (
        f"queue {names.queues[queue]}: {places}, {Strategy(queues.strategy[queue]).name.lower()}, "
        f"weight {queues.weight[queue]:g}, wait told by "
        f"{Estimator(queues.estimator[queue]).name.lower()}{worth}"
    )


def _group_lines(program: Program, names: Names, group: int) -> Iterator[str]:
    """A group: its agents and their phones, then the queues it serves, in order."""
    groups = program.groups
    agents = int(groups.first_agent[group + 1] - groups.first_agent[group])
    phone = ""
    if groups.rings[group]:
        rings = duration_text(float(groups.ring_us[group]))
        phone = (
            f", phones ring {rings}, answered after {law(program, groups.phone_dist[group])}, "
            f"{groups.missed[group]:.0%} missed"
        )
    yield (
        f"group {names.groups[group]}: {agents} agents at most by calendar {groups.calendar[group]}, "
        f"picks {Picks(groups.picks[group]).name.lower()}, leaving "
        f"{Leaving(groups.leaving[group]).name.lower()}{phone}"
    )
    for queue in groups.queue_order[group]:
        if queue >= 0:
            yield _serves_line(program, names, group, int(queue))


def _serves_line(program: Program, names: Names, group: int, queue: int) -> str:
    groups = program.groups
    after, spare = int(groups.after_us[group, queue]), int(groups.spare[group, queue])
    settled = groups.settled_p[group, queue]
    limits = [
        f", after {duration_text(float(after))}" if after else "",
        f", while more than {spare} are idle" if spare else "",
        f", settles {settled:.0%}" if settled < 1 else "",
    ]
    return (
        f"    {names.queues[queue]}: penalty {groups.penalty[group, queue]}, "
        f"handle time {law(program, groups.handle_dist[group, queue])}, "
        f"wrap-up {law(program, groups.wrap_up_dist[group, queue])}{''.join(limits)}"
    )
