"""The story of one call: what happened to it, step by step, for people to read.

Belongs here: collecting the steps of a traced call and putting them into words. Does not belong
here: anything that a run depends on.
"""

from dataclasses import dataclass, field
from typing import Protocol

from vpbx.codes import KEYS, Exit, Outcome
from vpbx.program.program import Names, Program
from vpbx.units import SECOND_US, duration_text


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


def story_lines(story: Story, program: Program, names: Names) -> list[str]:
    """The story in words, a line a step: simulated clock, then what happened."""
    steps = sorted(story.steps, key=lambda step: step[0])
    return [
        f"{_clock(at)}  {_words(event, facts, at, program, names)}" for at, event, facts in steps
    ]


def _clock(at: int) -> str:
    seconds, us = divmod(at, SECOND_US)
    days, rest = divmod(seconds, 86_400)
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}.{us // 1000:03d}"
    return f"day {days} {clock}"


def _words(event: str, f: dict[str, int], at: int, program: Program, names: Names) -> str:
    """One step in words; times in `f` are microseconds."""
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
            return _exit(f, at, program, names)
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
            return f"will call again at {_clock(f['again'])}"
        case _:
            return f"ends: {Outcome(f['outcome']).name.lower()}"


def _exit(f: dict[str, int], at: int, program: Program, names: Names) -> str:
    """Leaving a node, in words."""
    node, spent = names.nodes[f["node"]], duration_text(at - f["entered"])
    to = int(program.edges.to_node[f["edge"]]) if f["edge"] >= 0 else -1
    where = f"to {names.nodes[to]}" if to >= 0 else "hangs up"
    way = int(program.edges.exit[f["edge"]]) if f["edge"] >= 0 else int(Exit.HANG_UP)
    how = f"presses {KEYS[way]}" if way < len(KEYS) else Exit(way).name.lower().replace("_", " ")
    return f"{node}: {how} after {spent}, {where}"
