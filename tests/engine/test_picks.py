"""Which waiting call a freed agent takes: the group's `picks`."""

from pathlib import Path

from timeline import run, visits

TWO = """
numbers: {"100": {enter: q}, "200": {enter: r}}
flow: {q: {queue: q}, r: {queue: r}}
queues: {q: {Q}, r: {R}}
agents: {g: {serves: {SERVES}, picks: PICKS, heads: 1}}
callers: {d: {dials: {"200": 100%}PRIORITY}}
"""
_Q, _R = "q: {handle_time: 10 s}", "r: {handle_time: 10 s}"


def order(
    folder: Path,
    picks: str,
    *,
    c: list[float],
    d: list[float],
    serves: str = f"{_Q}, {_R}",
    q: str = "",
    r: str = "",
    priority: str = "",
) -> str:
    """When each call was answered, with its queue, in order of answer; one agent, talk 10 s."""
    text = TWO.replace("SERVES", serves).replace("PICKS", picks).replace("PRIORITY", priority)
    rows = visits(run(folder, text.replace("{Q}", f"{{{q}}}").replace("{R}", f"{{{r}}}"), c=c, d=d))
    answered = sorted((float(row["left"]), row["queue"], float(row["joined"])) for row in rows)
    return " ".join(f"{queue}{joined:g}" for _, queue, joined in answered)


def test_longest_wait_goes_over_all_queues(tmp_path: Path) -> None:
    """The callers of 1 (r), 2 (q), 3 (r), 4 (q) are served in the order of their coming."""
    assert order(tmp_path, "longest_wait", c=[0, 2, 4], d=[1, 3]) == "q0 r1 q2 r3 q4"


def test_longest_wait_takes_heavier_queues_first(tmp_path: Path) -> None:
    """q weighs 1: both of q, then both of r, though r's came first."""
    assert order(tmp_path, "longest_wait", c=[0, 3, 4], d=[1, 2], q="weight: 1") == "q0 q3 q4 r1 r2"


def test_longest_wait_takes_higher_priority_first(tmp_path: Path) -> None:
    """Callers of r have priority 1: they go first, whenever they came."""
    found = order(tmp_path, "longest_wait", c=[0, 1, 2], d=[3, 4], priority=", priority: 1")
    assert found == "q0 r3 r4 q1 q2"


def test_weight_goes_before_priority(tmp_path: Path) -> None:
    """q is heavier, r's callers have priority: q first."""
    found = order(
        tmp_path, "longest_wait", c=[0, 2], d=[1], q="weight: 1", priority=", priority: 9"
    )
    assert found == "q0 q2 r1"


def test_equal_waits_go_by_the_caller(tmp_path: Path) -> None:
    """Both came at 1: class d stands before class c in the file."""
    assert order(tmp_path, "longest_wait", c=[0, 1], d=[1]) == "q0 r1 q1"


def test_in_order_takes_the_first_queue_listed(tmp_path: Path) -> None:
    """r is listed first: its callers go first, whatever the waits and weights."""
    found = order(tmp_path, "in_order", c=[0, 1, 2], d=[3, 4], serves=f"{_R}, {_Q}", q="weight: 7")
    assert found == "q0 r3 r4 q1 q2"


def test_in_order_keeps_to_priority_within_a_queue(tmp_path: Path) -> None:
    """In the first queue the priority caller of 3 goes before the caller of 1."""
    text = """
    queues: {q: {}}
    agents: {g: {serves: {q: {handle_time: 10 s}}, picks: in_order, heads: 1}}
    callers: {d: {priority: 1}}
    """
    rows = visits(run(tmp_path, text, c=[0, 1], d=[3]))
    assert [row["left"] for row in rows] == ["0", "20", "10"]


def test_longest_queue_counts_callers(tmp_path: Path) -> None:
    """At 10: r has 2, q has 1: r of 2; at 20 one each: the first listed, q of 1; then r of 3."""
    assert order(tmp_path, "longest_queue", c=[0, 1], d=[2, 3]) == "q0 r2 q1 r3"


def test_longest_queue_tie_goes_to_the_first_listed(tmp_path: Path) -> None:
    """One each at 10: r, when r is listed first, though q's caller came first."""
    assert order(tmp_path, "longest_queue", c=[0, 1], d=[2]) == "q0 q1 r2"
    assert order(tmp_path, "longest_queue", c=[0, 1], d=[2], serves=f"{_R}, {_Q}") == "q0 r2 q1"


def test_agents_freed_at_once_pick_in_order_of_index(tmp_path: Path) -> None:
    """Two agents are freed at 10: agent 0 takes the caller of 1, agent 1 the caller of 2."""
    text = "agents: {g: {serves: {q: {handle_time: 10 s}}, heads: 2}}"
    rows = visits(run(tmp_path, text, c=[0, 0, 1, 2]))
    assert [(row["agent"], row["left"]) for row in rows] == [
        ("0", "0"),
        ("1", "0"),
        ("0", "10"),
        ("1", "10"),
    ]


def test_each_freed_agent_goes_by_the_picks_of_its_own_group(tmp_path: Path) -> None:
    """Freed at 10: g (longest wait) takes the caller of 1 from r, h (q first) the caller of 3."""
    text = """
    numbers: {"100": {enter: q}, "200": {enter: r}}
    flow: {q: {queue: q}, r: {queue: r}}
    queues: {q: {}, r: {}}
    agents:
      g: {serves: {q: {handle_time: 10 s}, r: {handle_time: 10 s}}, heads: 1}
      h: {serves: {q: {handle_time: 10 s}, r: {handle_time: 10 s}}, picks: in_order, heads: 1}
    callers: {d: {dials: {"200": 100%}}}
    """
    rows = visits(run(tmp_path, text, c=[0, 0, 3], d=[1, 2]))
    found = [(row["queue"], row["joined"], row["group"], row["left"]) for row in rows]
    assert found == [
        ("q", "0", "g", "0"),
        ("q", "0", "h", "0"),
        ("r", "1", "g", "10"),
        ("r", "2", "g", "20"),
        ("q", "3", "h", "10"),
    ]
