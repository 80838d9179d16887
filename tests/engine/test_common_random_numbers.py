"""A draw belongs to a caller and a purpose: changes elsewhere in the scenario leave it alone."""

from pathlib import Path

from timeline import calls, run, visits

CALLERS = """
agents:
  g:
    serves: {q: {handle_time: "exponential(mean=1 min)", wrap_up: "exponential(mean=9 s)"}}
    heads: 3
callers: {c: {patience: "exponential(mean=2 min)", knows_menu: 50%, presses_wrong: 20%}}
"""
ARRIVALS = [7.0 * i for i in range(60)]


def talks(folder: Path, flow: str) -> dict[str, str]:
    """Talk and wrap-up time of each caller who was answered, by ordinal."""
    made = run(folder, flow + CALLERS, c=ARRIVALS)
    rows = calls(made)
    return {
        rows[int(v["call"])]["ordinal"]: (
            f"{float(v['talk']) - float(v['left']):.6f} {float(v['wrap']) - float(v['talk']):.6f}"
        )
        for v in visits(made)
        if v["outcome"] == "answered"
    }


def test_a_node_put_in_front_moves_no_draw(tmp_path: Path) -> None:
    """With 5 s of greeting more, who is answered in both talks and writes up for as long."""
    plain = talks(tmp_path, "flow: {q: {queue: q}}")
    longer = talks(tmp_path, "flow: {hello: {play: 5 s, next: q}, q: {queue: q}}")
    both = plain.keys() & longer.keys()
    assert len(both) > 15
    assert {o: plain[o] for o in both} == {o: longer[o] for o in both}


def test_a_node_put_in_front_leaves_patience_alone(tmp_path: Path) -> None:
    """Nobody serves: everybody waits for as long with and without a random announcement before."""

    def waits(flow: str) -> list[int]:
        text = flow + 'callers: {c: {patience: "exponential(mean=2 min)"}}'
        visited = run(tmp_path, text, c=ARRIVALS).records.visits
        by_call = visited.call.argsort()
        return (visited.left_at - visited.joined_at)[by_call].tolist()

    before = 'flow: {hello: {play: "exponential(mean=9 s)", next: q}, q: {queue: q}}\n'
    assert waits("flow: {q: {queue: q}}\n") == waits(before)


def test_an_announcement_put_in_front_of_a_menu_moves_no_key(tmp_path: Path) -> None:
    """Who presses wrong does so with and without a greeting of constant length before the menu."""
    flow = """
    flow:
      FRONT
      keys: {menu: {1: {at: 3 s, next: a}, 2: {at: 6 s, next: b}}, no_match: {repeat: 0}}
      a: {play: 5 s}
      b: {play: 6 s}
    callers: {c: {wants: {a: 50%, b: 50%}, presses_wrong: 30%, presses_nothing: 10%}}
    """

    def endings(front: str) -> list[tuple[str, str, str]]:
        rows = calls(run(tmp_path, flow.replace("FRONT", front), c=ARRIVALS))
        return [(row["goal"], row["node"], row["outcome"]) for row in rows]

    plain = endings("")
    assert {"keys", "a", "b"} == {node for _, node, _ in plain}
    assert plain == endings("hello: {play: 5 s, next: keys}")


def test_names_are_no_part_of_a_draw(tmp_path: Path) -> None:
    """Other names for queue, node, group, class and number: the same times throughout."""

    def times(text: str, **arrivals: list[float]) -> list[list[int]]:
        records = run(tmp_path, text, **arrivals).records
        return [column.tolist() for column in (*records.calls, *records.visits)]

    plain = """
    flow: {q: {queue: q}}
    agents: {g: {serves: {q: {handle_time: "exponential(mean=1 min)"}}, heads: 2}}
    callers: {c: {patience: "exponential(mean=2 min)"}}
    """
    renamed = """
    numbers: {"8-800": {enter: очередь}}
    queues: {поддержка: {}}
    flow: {очередь: {queue: поддержка}}
    agents: {люди: {serves: {поддержка: {handle_time: "exponential(mean=1 min)"}}, heads: 2}}
    callers: {абонент: {patience: "exponential(mean=2 min)", dials: {"8-800": 100%}}}
    """
    assert times(plain, c=ARRIVALS) == times(renamed, абонент=ARRIVALS)


def test_another_class_moves_no_draw_of_the_first(tmp_path: Path) -> None:
    """A class added after c, on its own queue: c's rows stay as they were."""
    text = """
    numbers: {"100": {enter: q}, "200": {enter: r}}
    flow: {q: {queue: q}, r: {queue: r}}
    queues: {q: {}, r: {}}
    agents: {g: {serves: {q: {handle_time: "exponential(mean=1 min)"}}, heads: 2}}
    callers: {c: {patience: "exponential(mean=2 min)"}OTHER}
    """
    alone = calls(run(tmp_path, text.replace("OTHER", ""), c=ARRIVALS))
    other = ', d: {patience: "exponential(mean=9 s)", dials: {"200": 100%}}'
    both = calls(run(tmp_path, text.replace("OTHER", other), c=ARRIVALS, d=ARRIVALS))
    assert alone == [row for row in both if row["class"] == "c"]


def test_the_same_seed_and_replication_give_the_same_records(tmp_path: Path) -> None:
    """Twice the same; another replication or seed differs."""
    text = "flow: {q: {queue: q}}\n" + CALLERS

    def of(seed: int, replication: int) -> list[dict[str, str]]:
        return visits(run(tmp_path, text, seed=seed, replication=replication, c=ARRIVALS))

    assert of(1, 0) == of(1, 0)
    assert of(1, 0) != of(1, 1) != of(2, 0) != of(1, 0)


def test_more_agents_change_waits_and_nothing_else(tmp_path: Path) -> None:
    """With patience endless, everybody talks for as long with 3 agents as with 9, and waits no longer."""
    text = """
    agents: {g: {serves: {q: {handle_time: "exponential(mean=1 min)"}}, heads: HEADS}}
    """
    few = run(tmp_path, text.replace("HEADS", "3"), c=ARRIVALS).records.visits
    many = run(tmp_path, text.replace("HEADS", "9"), c=ARRIVALS).records.visits
    assert (few.talk_until - few.left_at).tolist() == (many.talk_until - many.left_at).tolist()
    assert ((few.left_at - few.joined_at) >= (many.left_at - many.joined_at)).all()
