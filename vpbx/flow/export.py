"""The flow as text that other programs draw or read: Mermaid, DOT, GraphML.

Belongs here: formats, their escaping, the same bytes every time. Does not belong here: pictures.
"""

import re
from xml.sax.saxutils import escape, quoteattr

from vpbx.codes import KEYS, Exit, Op
from vpbx.flow.graph import ENTER, with_numbers
from vpbx.flow.picture import NUMBER, Arrow, Box, Picture, picture
from vpbx.scenario.models import Scenario

_COLOURS = {
    NUMBER: "#0072b2",
    Op.PLAY: "#56b4e9",
    Op.MENU: "#e69f00",
    Op.SELF_SERVICE: "#009e73",
    Op.BRANCH: "#cc79a7",
    Op.QUEUE: "#d55e00",
    Op.IDENTIFY: "#009e73",
    Op.SURVEY: "#009e73",
    Op.RING: "#b8860b",
    Op.VOICEMAIL: "#8c510a",
    Op.ROUND_TRIP: "#56b4e9",
    Op.HANGUP: "#7f7f7f",
}
"""Okabe and Ito (2008); ringing and voicemail are darker cousins of the queue's colour."""
_MERMAID_SHAPES = {
    NUMBER: ("([", "])"),
    Op.PLAY: ("[", "]"),
    Op.MENU: ("[/", "/]"),
    Op.SELF_SERVICE: ("[[", "]]"),
    Op.BRANCH: ("{{", "}}"),
    Op.QUEUE: ("[(", ")]"),
    Op.IDENTIFY: ("[[", "]]"),
    Op.SURVEY: ("[[", "]]"),
    Op.RING: (">", "]"),
    Op.VOICEMAIL: ("[\\", "\\]"),
    Op.ROUND_TRIP: ("[", "]"),
    Op.HANGUP: ("((", "))"),
}
_DOT_SHAPES = {
    NUMBER: "oval",
    Op.PLAY: "box",
    Op.MENU: "house",
    Op.SELF_SERVICE: "component",
    Op.BRANCH: "hexagon",
    Op.QUEUE: "cylinder",
    Op.IDENTIFY: "component",
    Op.SURVEY: "component",
    Op.RING: "cds",
    Op.VOICEMAIL: "folder",
    Op.ROUND_TRIP: "note",
    Op.HANGUP: "circle",
}


def op_name(op: int) -> str:
    """Name of what a box is: `number`, `menu`, `self_service` …"""
    return "number" if op == NUMBER else Op(op).name.lower()


def exit_name(exit_: int) -> str:
    """Name of a way: `enter`, `key 2`, `no_input` …"""
    if exit_ == ENTER:
        return "enter"
    return f"key {KEYS[exit_]}" if exit_ < len(KEYS) else Exit(exit_).name.lower()


def to_mermaid(scenario: Scenario) -> str:
    """A Mermaid flowchart."""
    drawn = picture(scenario)
    ids = _ids(drawn)
    lines = ["flowchart TD"]
    for box in drawn.boxes.values():
        left, right = _MERMAID_SHAPES[box.op]
        text = "<br/>".join(_mermaid(line) for line in (*box.title, *box.lines))
        lines.append(f'  {ids[box.name]}{left}"{text}"{right}:::{op_name(box.op)}')
    lines += [_mermaid_arrow(ids, arrow) for arrow in drawn.arrows.values()]
    for op, colour in _COLOURS.items():
        lines.append(f"  classDef {op_name(op)} stroke:{colour},stroke-width:2px")
    return "\n".join(lines) + "\n"


def _mermaid_arrow(ids: dict[str, str], arrow: Arrow) -> str:
    text = "<br/>".join(_mermaid(line) for line in arrow.lines)
    label = f'|"{text}"|' if text else ""
    return f"  {ids[arrow.tail]} -->{label} {ids[arrow.head]}"


def _mermaid(text: str) -> str:
    """Text inside quotes: what Mermaid or Markdown would read as marks becomes entities."""
    return re.sub(r'[&"#<>;`*\[\]{}|\\]', lambda found: f"#{ord(found[0])};", text)


def to_dot(scenario: Scenario) -> str:
    """A Graphviz digraph."""
    drawn = picture(scenario)
    ids = _ids(drawn)
    lines = [
        f"digraph {_quoted(scenario.name)} {{",
        '  charset="UTF-8";',
        '  node [fontname="sans-serif" fontsize=10];',
        '  edge [fontname="sans-serif" fontsize=9];',
    ]
    lines += [f"  {ids[box.name]} [{_dot_box(box)}];" for box in drawn.boxes.values()]
    for arrow in drawn.arrows.values():
        label = f" [label={_quoted(*arrow.lines)}]" if arrow.lines else ""
        lines.append(f"  {ids[arrow.tail]} -> {ids[arrow.head]}{label};")
    return "\n".join([*lines, "}", ""])


def _dot_box(box: Box) -> str:
    label = _quoted(*box.title, *box.lines)
    return f'label={label} shape={_DOT_SHAPES[box.op]} color="{_COLOURS[box.op]}" penwidth=2'


def _quoted(*lines: str) -> str:
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'


def _ids(drawn: Picture) -> dict[str, str]:
    """Names that every format accepts, by place."""
    return {name: f"n{at}" for at, name in enumerate(drawn.boxes)}


_NODE_KEYS = (
    ("op", "string"),
    ("says", "string"),
    ("queue", "string"),
    ("mean_s", "double"),
    ("settles", "double"),
    ("hangs_up", "string"),
)
_EDGE_KEYS = (("exit", "string"), ("detail", "int"), ("label", "string"), ("seconds", "double"))


def to_graphml(scenario: Scenario) -> str:
    """GraphML with every attribute of `flow.graph.with_numbers`; `op` and `exit` by name."""
    graph = with_numbers(scenario)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ]
    for domain, keys in (("node", _NODE_KEYS), ("edge", _EDGE_KEYS)):
        lines += [
            f'  <key id="{domain}_{name}" for="{domain}" attr.name="{name}" attr.type="{kind}"/>'
            for name, kind in keys
        ]
    lines.append(f'  <graph id={quoteattr(_xml(scenario.name))} edgedefault="directed">')
    for name, data in graph.nodes(data=True):
        lines.append(f"    <node id={quoteattr(name)}>")
        values = {**data, "op": op_name(data["op"])}
        lines += [_data("node", key, values[key]) for key, _ in _NODE_KEYS]
        lines.append("    </node>")
    for at, (tail, head, data) in enumerate(graph.edges(data=True)):
        ends = f"source={quoteattr(tail)} target={quoteattr(head)}"
        lines.append(f'    <edge id="e{at}" {ends}>')
        values = {**data, "exit": exit_name(data["exit"])}
        lines += [_data("edge", key, values[key]) for key, _ in _EDGE_KEYS]
        lines.append("    </edge>")
    return "\n".join([*lines, "  </graph>", "</graphml>", ""])


def _data(domain: str, key: str, value: object) -> str:
    return f'      <data key="{domain}_{key}">{escape(_xml(str(value)))}</data>'


def _xml(text: str) -> str:
    """Text without the control characters that XML cannot hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "�", text)
