"""The story of one call: what happened to it, step by step, for people to read.

Belongs here: collecting the steps of a traced call and putting them into words. Does not belong
here: anything that a run depends on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from vpbx.codes import KEYS, Exit, Op, Outcome
from vpbx.program.program import Names, Program
from vpbx.units import duration_text


@dataclass
class Story:
    """The steps of one call, in order of time."""

    steps: list[tuple[int, str, dict[str, int]]] = field(default_factory=list)

    def add(self, at: int, event: str, **facts: int) -> None:
        """Adds a step."""
        self.steps.append((at, event, facts))


class Numbered(Protocol):
    """A call that has a row in the records."""

    row: int


@dataclass
class Told:
    """Which call's story is told: a row of the table of calls; -1: none."""

    row: int = -1
    story: Story = field(default_factory=Story)

    def story_of(self, call: Numbered) -> Story | None:
        """The story to fill for this call, or None."""
        return self.story if call.row == self.row else None


class Tongue(NamedTuple):
    """What it takes to put a story into words."""

    program: Program
    names: Names
    edge_words: Sequence[str]
    """What people call each edge of the Program: `2 mobile`, `open: office`, `not settled`."""
    clock: Callable[[int], str]
    """Text of a simulated instant (us)."""


def story_lines(story: Story, tongue: Tongue) -> list[str]:
    """The story in words, a line a step: when, then what happened."""
    steps = sorted(story.steps, key=lambda step: step[0])
    return [f"{tongue.clock(at)}  {_words(event, facts, at, tongue)}" for at, event, facts in steps]


def _words(event: str, f: dict[str, int], at: int, tongue: Tongue) -> str:
    """One step in words; times in `f` are microseconds."""
    program, names = tongue.program, tongue.names
    match event:
        case "arrives":
            attempt = "" if f["attempt"] == 0 else f", attempt {f['attempt'] + 1}"
            return f"dials {names.numbers[f['number']]}{attempt}"
        case "refused":
            return "the number does not take calls from this network"
        case "trunk":
            state = "busy tone" if f["held"] >= f["channels"] else "takes one"
            return f"trunk {names.trunks[f['trunk']]}: {f['held']} of {f['channels']} channels held, {state}"
        case "leaves":
            return _exit(f, at, tongue)
        case "full":
            return f"queue {names.queues[f['queue']]} is full: {f['waiting']} waiting"
        case "joins":
            told = f", told to expect {f['told']} s" if f["told"] >= 0 else ""
            return f"joins queue {names.queues[f['queue']]} behind {f['waiting']} waiting{told}"
        case "abandons":
            return f"loses patience after {duration_text(f['waited'])}"
        case "answered":
            idle = duration_text(f["idle"])
            agent = f["agent"] - int(program.groups.first_agent[f["group"]]) + 1
            return f"answered by agent {agent} of {names.groups[f['group']]}, idle since {idle}"
        case "talked":
            return f"the talk ends; the agent writes up for {duration_text(f['wrap_up'])}"
        case "redials":
            return f"will call again at {tongue.clock(f['again'])}"
        case _:
            return f"ends: {Outcome(f['outcome']).name.lower()}"


def _exit(f: dict[str, int], at: int, tongue: Tongue) -> str:
    """Leaving a node, in words."""
    program, names = tongue.program, tongue.names
    node, edge = names.nodes[f["node"]], f["edge"]
    op = int(program.flow.nodes.op[f["node"]])
    spent = "" if op in (Op.BRANCH, Op.HANGUP) else f" after {duration_text(at - f['entered'])}"
    if edge < 0 or program.edges.exit[edge] == Exit.HANG_UP:
        return f"{node}: the {'system' if op == Op.HANGUP else 'caller'} hangs up{spent}"
    to = int(program.edges.to_node[edge])
    where = f"to {names.nodes[to]}" if to >= 0 else "the system hangs up"
    return f"{node}: {_way(edge, op, tongue)}{spent}, {where}"


def _way(edge: int, op: int, tongue: Tongue) -> str:
    """How a node was left: `presses 2 (mobile)`, `network: mts_roaming`, `not settled`."""
    way, words = int(tongue.program.edges.exit[edge]), tongue.edge_words[edge]
    if op == Op.QUEUE and way == Exit.NEXT:
        return "served"
    if way >= len(KEYS):
        return words or Exit(way).name.lower().replace("_", " ")
    says = words.removeprefix(KEYS[way]).strip()
    return f"presses {KEYS[way]} ({says})" if says else f"presses {KEYS[way]}"
