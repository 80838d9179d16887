"""Ring nodes: extensions, forwards, outside numbers; voicemail (V1; semantics §7)."""

from pathlib import Path

from timeline import calls, edges, run, visits

RING = """
flow:
  ring: {ring: {legs: LEGS, mode: MODE}, otherwise: sorry}
  sorry: {play: 3 s}
trunks: {out: {channels: 1}}
extensions:
  anna: {answers_after: 4 s, talk: 60 s}
  boris: {answers_after: 6 s, talk: 60 s}
  nobody: {missed: 99.9999999%, talk: 60 s}
  mobile: {answers_after: 5 s, talk: 60 s, trunk: out}
"""


def ring(legs: str, mode: str = "in_order") -> str:
    return RING.replace("LEGS", legs).replace("MODE", mode)


def test_an_extension_answers(tmp_path: Path) -> None:
    of = run(tmp_path, ring("[anna]"), c=[0])
    assert [(r["ended"], r["outcome"]) for r in calls(of)] == [("64", "forwarded")]
    assert edges(of) == {("ring", "answered", "-"): 1}


def test_busy_goes_to_the_next_leg(tmp_path: Path) -> None:
    """Anna talks from 4 to 64: the call of 10 rings at Boris; the call of 20 finds both busy."""
    of = run(tmp_path, ring("[anna, boris]"), c=[0, 10, 20])
    assert [(r["ended"], r["outcome"]) for r in calls(of)] == [
        ("64", "forwarded"),
        ("76", "forwarded"),
        ("23", "lost"),
    ]


def test_no_answer_goes_to_the_next_leg(tmp_path: Path) -> None:
    """20 s in vain, then Anna's 4 s."""
    of = run(tmp_path, ring("[nobody, anna]"), c=[0])
    assert calls(of)[0]["ended"] == "84"


def test_an_outside_leg_holds_a_channel(tmp_path: Path) -> None:
    """The only outgoing channel rings and talks from 0 to 65: the call of 10 gets none."""
    of = run(tmp_path, ring("[mobile]"), c=[0, 10])
    assert [(r["ended"], r["outcome"]) for r in calls(of)] == [("65", "forwarded"), ("13", "lost")]
    assert of.records.grid.trunk_time.sum() == 65_000_000
    assert of.records.extra_legs.kind.tolist() == [1]


def test_all_ring_and_the_quickest_answers(tmp_path: Path) -> None:
    """Boris falls silent at 4, as Anna answers: the call of 5 rings at him alone."""
    of = run(tmp_path, ring("[boris, anna]", "all"), c=[0, 5])
    assert [r["ended"] for r in calls(of)] == ["64", "71"]


def test_one_by_one_starts_after_whoever_answered_last(tmp_path: Path) -> None:
    of = run(tmp_path, ring("[anna, boris]", "one_by_one"), c=[0, 100, 200])
    assert [r["ended"] for r in calls(of)] == ["64", "166", "264"]


def test_a_forward_on_no_answer(tmp_path: Path) -> None:
    forward = "{missed: 99.9999999%, talk: 60 s, forward: {no_answer: anna}}"
    text = ring("[nobody]").replace("{missed: 99.9999999%, talk: 60 s}", forward)
    assert calls(run(tmp_path, text, c=[0]))[0]["ended"] == "84"


def test_a_forward_outside_hours(tmp_path: Path) -> None:
    """Anna's calls go to Boris from 00:01 on."""
    text = (
        ring("[anna]").replace(
            "anna: {answers_after: 4 s, talk: 60 s}",
            "anna: {answers_after: 4 s, talk: 60 s, forward: {outside: office, outside_to: boris}}",
        )
        + 'hours: {office: "daily 00:00-00:01"}\n'
    )
    assert [r["ended"] for r in calls(run(tmp_path, text, c=[0, 100]))] == ["64", "166"]


def test_a_caller_who_gives_up_while_it_rings(tmp_path: Path) -> None:
    of = run(tmp_path, ring("[nobody]") + "callers: {c: {patience: 7 s}}", c=[0])
    assert [(r["ended"], r["outcome"]) for r in calls(of)] == [("7", "abandoned")]
    assert edges(of) == {("ring", "hang_up", "-"): 1}


def test_messages_wait_for_quiet_time(tmp_path: Path) -> None:
    """A message left from 0 to 30 waits behind a talk until 110, and is seen to in 50 s.

    Its caller has hung up at 30; a caller of 60 is served first: agents pick calls before messages.
    """
    of = run(
        tmp_path,
        """
numbers: {"100": {enter: q}, "200": {enter: mailbox}}
flow:
  q: {queue: q}
  mailbox: {voicemail: {takes: 30 s, queue: messages}}
queues: {q: {}, messages: {}}
agents:
  g:
    serves: {q: {handle_time: 100 s}, messages: {handle_time: 50 s}}
    picks: in_order
    heads: 1
callers: {c: {dials: {"100": 100%}}, m: {dials: {"200": 100%}}}
""",
        c=[10, 60],
        m=[0],
    )
    assert [(r["ended"], r["outcome"]) for r in calls(of)] == [
        ("30", "voicemail"),
        ("110", "answered"),
        ("210", "answered"),
    ]
    assert [(r["queue"], r["joined"], r["left"], r["talk"]) for r in visits(of)] == [
        ("q", "10", "10", "110"),
        ("messages", "30", "210", "260"),
        ("q", "60", "110", "210"),
    ]


def test_a_full_mailbox(tmp_path: Path) -> None:
    of = run(
        tmp_path,
        """
flow:
  mailbox: {voicemail: {takes: 30 s, queue: messages, capacity: 1}, full: sorry}
  sorry: {play: 3 s}
queues: {messages: {}}
agents: {g: {serves: {messages: {handle_time: 50 s}}, heads: {"00:10-00:20": 1}}}
""",
        c=[0, 40],
    )
    assert [(r["ended"], r["outcome"]) for r in calls(of)] == [("30", "voicemail"), ("43", "lost")]
