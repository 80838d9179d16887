"""A listing of the Program, like a disassembly: what the engines really run, for people to read.

Belongs here: tables → lines of text. Does not belong here: making the tables (`compile`).
"""

from collections.abc import Iterator

from vpbx.codes import KEYS, Case, Distribution, Op, Relation
from vpbx.program.program import Names, Program
from vpbx.units import duration_text


def listing(program: Program, names: Names) -> list[str]:
    """One line a number, node, key and case, and the law behind each duration."""
    lines: list[str] = []
    for i, number in enumerate(names.numbers):
        trunk = int(program.numbers.trunk[i])
        held = names.trunks[trunk] if trunk >= 0 else "no trunk"
        lines.append(f"number {number}: {held}, enter {_node(names, program.numbers.enter[i])}")
    for i in range(len(names.nodes)):
        lines += _node_lines(program, names, i)
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
        return f"lognormal mu={p1:.6g} sigma={p2:.6g}"
    if kind == Distribution.WEIBULL:
        return f"weibull scale={duration_text(p1)} shape={1 / p2:.6g}"
    return f"{kind.name.lower()} of {int(own.points)} points"


def _node_lines(program: Program, names: Names, i: int) -> list[str]:
    """A node: its kind and parameters, then a line for each key or case."""
    nodes = program.flow.nodes
    op = Op(nodes.op[i])
    head = f"{_node(names, i)}: {op.name.lower()}"
    following = f"next {_node(names, nodes.next[i])}"
    if op == Op.PLAY:
        barge_in = (
            f", keys after {law(program, nodes.reaction_dist[i])}" if nodes.barge_in[i] else ""
        )
        return [f"{head} {law(program, nodes.dist[i])}{barge_in}, {following}"]
    if op == Op.SELF_SERVICE:
        otherwise = f"otherwise {_node(names, nodes.otherwise[i])}"
        return [
            f"{head} {law(program, nodes.dist[i])}, {nodes.settles[i]:.0%} {following}, {otherwise}"
        ]
    if op == Op.QUEUE:
        full = f"full {_node(names, nodes.full[i]) if nodes.full[i] >= 0 else 'busy tone'}"
        return [
            f"{head} {names.queues[nodes.row[i]]}, priority {nodes.priority[i]:+d}, {following}, {full}"
        ]
    if op == Op.MENU:
        return [head, *_menu_lines(program, names, int(nodes.row[i]))]
    if op == Op.BRANCH:
        last = f"    otherwise {_node(names, nodes.otherwise[i])}"
        return [head, *_case_lines(program, names, i), last]
    return [head]


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
        kind, operand = Case(cases.kind[case]), int(cases.operand[case])
        to = _node(names, cases.next[case])
        if kind >= Case.QUEUE_LENGTH:
            relation = {"LT": "<", "LE": "<=", "GT": ">", "GE": ">="}[
                Relation(cases.relation[case]).name
            ]
            yield f"    {names.queues[operand]}.{kind.name.lower()} {relation} {cases.value[case]}: {to}"
        elif kind == Case.OPEN:
            yield f"    {'closed' if cases.negated[case] else 'open'}, calendar {operand}: {to}"
        else:
            known = names.classes if kind == Case.CLASS else names.networks
            members = [name for name, m in zip(known, cases.member[operand], strict=False) if m]
            yield f"    {kind.name.lower()} {', '.join(members)}: {to}"
