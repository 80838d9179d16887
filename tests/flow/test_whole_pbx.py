"""Keys, paths, drawings, listing and stories of a PBX with every kind of node."""

from pathlib import Path

import pytest

from vpbx.codes import Exit, Op
from vpbx.flow.export import to_dot, to_graphml, to_mermaid
from vpbx.flow.graph import op_of, ways
from vpbx.flow.keys import key_table
from vpbx.flow.paths import key_paths, text
from vpbx.flow.picture import picture
from vpbx.scenario.load import load

WHOLE = Path(__file__).parents[1] / "scenario" / "whole_pbx.yaml"


@pytest.fixture(scope="module")
def loaded():
    """The scenario that uses everything."""
    return load(WHOLE)


@pytest.fixture(scope="module")
def whole(loaded):
    """The same, without its file."""
    return loaded.scenario


def test_it_has_every_kind_of_node(whole):
    """No kind is missing but self-service, which other scenarios show."""
    assert {op_of(node) for node in whole.flow.values()} == set(Op) - {Op.SELF_SERVICE}


def test_keys_to_queues_ringing_and_voicemail(whole):
    """Each goal has the key of its option; ringing on the way to the mailbox is not chosen."""
    table = key_table(whole)
    keys = {goal: table.press["menu", goal] for goal in table.goals}
    wanted = {"sales": "1", "service": "2", "secretary": "3", "mailbox": "4", "manager": "5"}
    assert keys == wanted


def test_nothing_leads_on_from_where_callers_wait(make):
    """Behind a queue or a mailbox no goal is reached; behind ringing it is, though by waiting."""
    scenario = make(
        {
            "menu": {"menu": {1: {"next": "front"}, 2: {"next": "line"}, 3: {"next": "box"}}},
            "front": {"ring": {"legs": ["desk"]}, "otherwise": "last"},
            "line": {"queue": "support", "next": "rating"},
            "box": {"voicemail": {"takes": "9 s", "capacity": 1}, "full": "full"},
            "last": {"queue": "support"},
            "rating": {"survey": {"takes": "9 s", "taken_by": "50%"}},
            "full": {"play": "3 s"},
        },
        extensions={"desk": {"talk": "1 min"}},
        queues={"support": {}},
        callers={
            "plain": {
                "volume": "9/h",
                "dials": {"100": "100%"},
                "wants": {"last": "40%", "rating": "30%", "full": "30%"},
            }
        },
    )
    table = key_table(scenario)
    reached = {goal: table.reach["menu", goal] for goal in table.goals}
    assert reached == {"last": True, "rating": False, "full": False}
    assert table.press["menu", "last"] == "1"


def test_paths_pass_identification_and_lots(whole):
    """By hand: 4 s welcome, option read at 6 s, 1.5 s to press, 20 s / 90% to be identified."""
    (path,) = [p for p in key_paths(whole) if (p.number, p.goal) == ("100", "service")]
    assert path.nodes == ("reception", "welcome", "menu", "who", "service")
    assert path.listening_s == pytest.approx(4 + 6 + 1.5 + 20)
    assert text(path).startswith("100 → service: 2, ")
    (path,) = [p for p in key_paths(whole) if (p.number, p.goal) == ("100", "secretary")]
    assert path.keys == ("3",)


def test_ways_out_of_a_queue_have_words(whole):
    """All that can happen in the line, in the order of the codes' first use."""
    labels = {way.exit: way.label for way in ways(whole.flow["sales"])}
    assert labels == {
        Exit.NEXT: "after the call",
        Exit.FULL: "full",
        Exit.TIMED_OUT: "after 4 min",
        Exit.LEFT: "presses *",
        Exit.ELSEWHERE: "goes elsewhere",
        Exit.CALLBACK: "wants a call back",
    }


def test_boxes_say_what_nodes_do(whole):
    """A few words for each new kind, the extensions that ring among them."""
    boxes = picture(whole).boxes
    said = {name: " ".join(box.lines) for name, box in boxes.items()}
    assert said["who"] == "identifies 20 s, 90% pass"
    assert said["rating"] == "survey 15 s, 30% rate"
    assert said["secretary"] == "rings in turn front, back, mobile"
    assert said["mailbox"] == "voicemail 28 s, into queue messages"
    assert said["question"] == "a question to the writer, 5 h"
    assert said["sales"] == "queue sales, offers call back, paid skip"


@pytest.mark.parametrize("export", [to_mermaid, to_dot, to_graphml])
def test_exports_name_every_node(whole, export):
    """Every format has a shape for every kind."""
    drawn = export(whole)
    assert all(name in drawn for name in whole.flow)


def test_it_can_be_drawn(whole):
    """Our own layout and its colours know every kind."""
    from vpbx.report.flow_picture import draw_flow

    svg = draw_flow(whole, "svg").decode("utf-8")
    assert svg.startswith("<?xml")


def test_the_listing_tells_legs_offers_and_limits(loaded):
    """What the engines run, for people to read: one line for each thing that can happen."""
    from vpbx.program.compile import compile_scenario
    from vpbx.program.listing import listing

    compiled = compile_scenario(loaded.scenario, loaded.file.parent)
    lines = [line.strip() for line in listing(compiled.program, compiled.names)]
    assert "chance up to 0.1: 009 secretary" in lines
    assert "after 4 min: 012 mailbox" in lines
    assert "10% leave after exponential 40 s: 009 secretary" in lines
    assert "30% hang up when told 5 min or more" in lines
    assert "40% want a call back while sales.queue_length >= 1, 80% answer, 2 attempts" in lines
    assert "5% pay for priority +10 while sales.position > 3" in lines
    assert "nobody there: 012 mailbox" in lines
    assert "the agent before stays until the end of the talk" in lines
    assert any(line.startswith("boss rings 20 s") and "always mobile" in line for line in lines)
    assert any("50 messages in messages, full 016 bye" in line for line in lines)
    assert "queue sales: 20 places, round_robin, weight 0, wait told by asterisk, " in "".join(
        lines
    )
    served = "sales: penalty 0, handle time exponential 3 min, wrap-up constant 20 s, settles 90%"
    assert served in lines
    assert any(line.endswith("while more than 1 are idle") for line in lines)
