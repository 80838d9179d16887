"""The story of one call: what happened to it, step by step, for people to read.

Belongs here: collecting the steps of a traced call and putting them into words. Does not belong
here: anything that a run depends on.
"""

from collections.abc import Callable, Mapping, Sequence
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
    melodies: Mapping[str, str] = {}
    """What callers hear while it rings, by ring node."""


def story_lines(story: Story, tongue: Tongue) -> list[str]:
    """The story in words, a line a step: when, then what happened."""
    steps = sorted(story.steps, key=lambda step: step[0])
    lines, over = [], False
    for at, event, facts in steps:
        words = _afterwards(event, facts, tongue) if over else ""
        lines.append(f"{tongue.clock(at)}  {words or _words(event, facts, at, tongue)}")
        over = over or event == "ends"
    return lines


def _afterwards(event: str, f: dict[str, int], tongue: Tongue) -> str:
    """What happens to a message when its call is over, in words; "": nothing of its own."""
    if event == "answered":
        return f"{_agent(f, tongue)} takes up the message"
    if event == "talked":
        return f"the message is dealt with; the agent writes up for {duration_text(f['wrap_up'])}"
    return ""


def _words(event: str, f: dict[str, int], at: int, tongue: Tongue) -> str:
    """One step in words; times in `f` are microseconds."""
    match event:
        case "arrives":
            attempt = "" if f["attempt"] == 0 else f", attempt {f['attempt'] + 1}"
            return f"dials {tongue.names.numbers[f['number']]}{attempt}"
        case "connected":
            return "gets through"
        case "no_connection":
            return "the connection fails"
        case "refused":
            return "the number does not take calls from this network"
        case "trunk":
            return _trunk(f, tongue)
        case "leaves":
            return _exit(f, at, tongue)
        case "redials":
            return f"will call again at {tongue.clock(f['again'])}"
        case "ends":
            return f"ends: {Outcome(f['outcome']).name.lower()}"
        case "leg_rings":
            return f"{tongue.names.extensions[f['extension']]} rings"
        case "leg_answers":
            return f"{tongue.names.extensions[f['extension']]} answers"
    return _at_the_desk(event, f, tongue)


def _trunk(f: dict[str, int], tongue: Tongue) -> str:
    free = f.get("free", int(f["held"] < f["channels"]))
    state = "takes one" if free else "busy tone"
    name = tongue.names.trunks[f["trunk"]]
    return f"trunk {name}: {f['held']} of {f['channels']} channels held, {state}"


def _at_the_desk(event: str, f: dict[str, int], tongue: Tongue) -> str:
    """A step in a queue or at an agent's desk, in words."""
    match event:
        case "joins":
            told = f", told to expect {f['told']} s" if f["told"] >= 0 else ""
            name = tongue.names.queues[f["queue"]]
            return f"joins queue {name} behind {f['waiting']} waiting{told}"
        case "turns_away":
            return _turned_away(f, tongue)
        case "leaves_queue":
            how = _LEAVING.get(Outcome(f["outcome"]), "leaves the queue")
            return f"{how} after {duration_text(f['waited'])}"
        case "rings":
            return f"the phone of {_agent(f, tongue)} rings"
        case "missed":
            return f"{_agent(f, tongue)} does not answer; the caller keeps the place"
        case "dials_back":
            return f"{_agent(f, tongue)} calls back"
        case "answered":
            return f"answered by {_agent(f, tongue)}, idle since {duration_text(f['idle'])}"
        case "talked":
            return f"the talk ends; the agent writes up for {duration_text(f['wrap_up'])}"
    return event.replace("_", " ")


_LEAVING = {
    Outcome.ABANDONED: "loses patience",
    Outcome.BALKED: "will not wait and hangs up",
    Outcome.TIMED_OUT: "reaches the longest wait",
    Outcome.FORWARDED: "presses the key that leaves the queue",
    Outcome.CLEARED: "is sent away at closing",
    Outcome.CALLBACK_FAILED: "could not be reached by calling back",
    Outcome.CUT: "is cut off",
    Outcome.FAILED: "is cut off by an outage",
}
"""How a call leaves a queue unanswered, by outcome."""


def _agent(f: dict[str, int], tongue: Tongue) -> str:
    """`agent 2 of region`."""
    place = f["agent"] - int(tongue.program.groups.first_agent[f["group"]]) + 1
    return f"agent {place} of {tongue.names.groups[f['group']]}"


def _turned_away(f: dict[str, int], tongue: Tongue) -> str:
    """Why a call did not join a queue."""
    queue, told = tongue.names.queues[f["queue"]], f["told"]
    match f["by"]:
        case Exit.FULL:
            return f"queue {queue} is full: {f['waiting']} waiting"
        case Exit.EMPTY:
            return f"nobody who serves queue {queue} is there"
        case Exit.ELSEWHERE:
            return f"does not wait in queue {queue}: takes the offer of another way"
    heard = f" on hearing to expect {told} s" if told >= 0 else ""
    return f"does not wait in queue {queue}{heard}: hangs up"


def _exit(f: dict[str, int], at: int, tongue: Tongue) -> str:
    """Leaving a node, in words."""
    program, names = tongue.program, tongue.names
    node, edge = names.nodes[f["node"]], f["edge"]
    op = int(program.flow.nodes.op[f["node"]])
    spent = "" if op in (Op.BRANCH, Op.HANGUP) else f" after {duration_text(at - f['entered'])}"
    if node in tongue.melodies:
        spent += f", hearing {tongue.melodies[node]} while it rang"
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
    if op == Op.RING and way == Exit.ANSWERED:
        return "answered"
    if way >= len(KEYS):
        return words or Exit(way).name.lower().replace("_", " ")
    says = words.removeprefix(KEYS[way]).strip()
    return f"presses {KEYS[way]} ({says})" if says else f"presses {KEYS[way]}"
