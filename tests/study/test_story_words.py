"""The words of a call's story: one step of each sort, as people would tell it."""

from pathlib import Path

import pytest

from vpbx.codes import Exit, Outcome
from vpbx.engine.story import Story, Tongue, story_lines
from vpbx.program.compile import compile_scenario
from vpbx.scenario.load import load
from vpbx.study.about import edge_labels

WHOLE = Path(__file__).parents[1] / "scenario" / "whole_pbx.yaml"


@pytest.fixture(scope="module")
def tongue():
    """The PBX that uses everything; instants are told in seconds."""
    loaded = load(WHOLE)
    compiled = compile_scenario(loaded.scenario, loaded.file.parent)
    program, names = compiled.program, compiled.names
    labels = edge_labels(loaded.scenario, program.edges, names)
    return Tongue(
        program, names, labels, lambda at: f"{at // 1_000_000} s", {"secretary": "Vivaldi"}
    )


def told(tongue, *steps):
    """The words of steps, one a second, without their times."""
    story = Story()
    for second, (event, facts) in enumerate(steps):
        story.add(second * 1_000_000, event, **facts)
    return [line.partition("  ")[2] for line in story_lines(story, tongue)]


@pytest.mark.parametrize(
    ("event", "facts", "words"),
    [
        ("connected", {}, "gets through"),
        ("no_connection", {}, "the connection fails"),
        ("leg_rings", {"extension": 0}, "front rings"),
        ("leg_answers", {"extension": 1}, "back answers"),
        ("rings", {"agent": 1, "group": 0}, "the phone of agent 2 of sellers rings"),
        ("missed", {"agent": 0, "group": 0}, "agent 1 of sellers does not answer; the caller"),
        ("dials_back", {"agent": 0, "group": 0}, "agent 1 of sellers calls back"),
        (
            "turns_away",
            {"queue": 0, "waiting": 20, "told": -1, "by": int(Exit.FULL)},
            "queue sales is full: 20 waiting",
        ),
        (
            "turns_away",
            {"queue": 1, "waiting": 0, "told": -1, "by": int(Exit.EMPTY)},
            "nobody who serves queue service is there",
        ),
        (
            "turns_away",
            {"queue": 0, "waiting": 9, "told": 300, "by": int(Exit.HANG_UP)},
            "does not wait in queue sales on hearing to expect 300 s: hangs up",
        ),
        (
            "turns_away",
            {"queue": 0, "waiting": 9, "told": 500, "by": int(Exit.ELSEWHERE)},
            "does not wait in queue sales: takes the offer of another way",
        ),
        (
            "leaves_queue",
            {"outcome": int(Outcome.TIMED_OUT), "waited": 600_000_000},
            "reaches the longest wait after 10 min",
        ),
        (
            "leaves_queue",
            {"outcome": int(Outcome.CLEARED), "waited": 60_000_000},
            "is sent away at closing after 1 min",
        ),
        (
            "trunk",
            {"trunk": 0, "held": 2, "channels": 30, "free": 0},
            "trunk city: 2 of 30 channels held, busy tone",
        ),
    ],
)
def test_each_step_in_words(tongue, event, facts, words):
    """What happened, to whom, with what."""
    (line,) = told(tongue, (event, facts))
    assert line.startswith(words)


def test_a_message_is_taken_up_when_the_call_is_over(tongue):
    """An answer after the end is no conversation."""
    answered = ("answered", {"agent": 0, "group": 0, "idle": 0})
    ends = ("ends", {"outcome": int(Outcome.VOICEMAIL)})
    assert told(tongue, ends, answered)[1] == "agent 1 of sellers takes up the message"
    assert told(tongue, answered, ends)[0] == "answered by agent 1 of sellers, idle since 0 s"


def test_a_melody_is_heard_while_it_rings(tongue):
    """Leaving a ring node says what was heard there, and how it ended."""
    node = tongue.names.nodes.index("secretary")
    edges = tongue.program.edges
    (edge,) = (
        i
        for i in range(len(edges.exit))
        if edges.from_node[i] == node and edges.exit[i] == Exit.OTHERWISE
    )
    (line,) = told(tongue, ("leaves", {"node": node, "edge": edge, "entered": -45_000_000}))
    heard = "hearing Vivaldi while it rang"
    assert line == f"secretary: nobody answers after 45 s, {heard}, to mailbox"
