"""The Program's tables: names to indices, access, forced keys, redial, skills, menus."""

from pathlib import Path

import numpy as np
import pytest

from vpbx.codes import KEYS, Exit, Op, Outcome, Picks, Strategy
from vpbx.program.compile import Compiled, compile_scenario
from vpbx.program.program import UNSETTLED
from vpbx.scenario.load import load_text

TEXT = """
name: tables
clock: {start: "2019-04-15 00:00", duration: 1 day, at_end: cut}
numbers:
  "100": {enter: hello, accepts: [own, app], trunk: t, priority: 1}
  "200": {enter: keys, refuses: {own: sorry}}
  "300": {enter: keys}
trunks: {t: {channels: 3}}
flow:
  hello: {play: 12 s, next: keys, barge_in: yes}
  keys:
    menu: {1: {at: 4 s, next: robot}, 0: {at: 8 s, next: agent}, "#": {at: 9 s, next: sorry}}
    no_input: {after: 7 s, repeat: 1, then: sorry}
  robot: {self_service: {takes: 20 s, settles: 90%}, otherwise: agent}
  agent: {queue: q, priority: 4}
  sorry: {play: 2 s}
queues:
  q: {capacity: 30, strategy: linear, weight: 2}
  r: {}
agents:
  g: {serves: {r: {handle_time: 30 s}, q: {handle_time: 60 s, wrap_up: 9 s, penalty: 3}}, heads: 2}
  h: {serves: {q: {handle_time: 60 s}}, picks: in_order, heads: 1}
callers:
  c:
    network: own
    dials: {"100": 60%, "300": 40%}
    volume: 10/day
    wants: {agent: {share: 50%, keys: "1"}, robot: 50%}
    redial: {after: {abandoned: 50%, blocked: 80%}, delay: 1 min, attempts: 3, keeps: [patience]}
  d:
    network: land
    dials: {"300": 100%}
    volume: 10/day
    wants: {agent: {share: 100%, keys: {"300": "0"}}}
    priority: 5
"""


@pytest.fixture(scope="module")
def made() -> Compiled:
    """The scenario above, compiled."""
    return compile_scenario(load_text(TEXT).scenario, Path())


def test_names_stand_in_file_order(made: Compiled) -> None:
    """Each section's names in the order of the file; goals in the order of the flow."""
    names = made.names
    assert names.nodes == ("hello", "keys", "robot", "agent", "sorry")
    assert names.goals == ("robot", "agent")
    assert (
        names.numbers,
        names.queues,
        names.groups,
    ) == (("100", "200", "300"), ("q", "r"), ("g", "h"))
    assert names.networks == ("own", "land", "app")


def test_access(made: Compiled) -> None:
    """100 takes own and app; 200 sends own to `sorry`; 300 takes all (own, land, app)."""
    sorry = made.names.nodes.index("sorry")
    assert [[-2, -1, -2], [sorry, -2, -2], [-2, -2, -2]] == made.program.numbers.access.tolist()
    assert made.program.numbers.trunk.tolist() == [0, -1, -1]
    assert made.program.numbers.priority.tolist() == [1, 0, 0]


def test_forced_keys(made: Compiled) -> None:
    """c presses 1 for an agent on every number, d presses 0 on 300; nobody for the robot."""
    classes = made.program.classes
    robot, agent = 0, 1

    def keys(caller_class: int, goal: int, number: int) -> str | None:
        at = int(classes.forced_start[caller_class, goal, number])
        if at < 0:
            return None
        rest = classes.forced_keys[at:].tolist()
        return "".join(KEYS[key] for key in rest[: rest.index(-1)])

    assert [keys(0, agent, n) for n in range(3)] == ["1"] * 3
    assert [keys(1, agent, n) for n in range(3)] == [None, None, "0"]
    assert [keys(c, robot, n) for c in range(2) for n in range(3)] == [None] * 6


def test_menu_columns(made: Compiled) -> None:
    """Keys 1, 0 and # of the one menu, in the order of KEYS; 9 s of prompt, 7 s of silence."""
    menus, nodes = made.program.flow.menus, made.names.nodes
    to = {KEYS[k]: nodes[n] for k, n in enumerate(menus.key_next[0]) if n >= 0}
    assert to == {"1": "robot", "0": "agent", "#": "sorry"}
    assert menus.key_at_us[0, KEYS.index("0")] == 8_000_000
    assert [
        int(menus.length_us[0]),
        int(menus.no_input_after_us[0]),
        int(menus.no_input_repeat[0]),
    ] == [9_000_000, 7_000_000, 1]
    assert [KEYS[k] for k in menus.press[0]] == ["1", "0"]  # robot, agent


def test_reach(made: Compiled) -> None:
    """Goals (robot, agent) from hello, keys, robot, agent, sorry."""
    assert made.program.flow.reach.tolist() == [[1, 1], [1, 1], [1, 1], [0, 1], [0, 0]]


def test_nodes(made: Compiled) -> None:
    """Kinds, what ends a walk, what a failed robot leads to."""
    nodes = made.program.flow.nodes
    assert nodes.op.tolist() == [Op.PLAY, Op.MENU, Op.SELF_SERVICE, Op.QUEUE, Op.PLAY]
    assert nodes.state_dependent.tolist() == [0, 0, 0, 1, 0]
    assert nodes.barge_in.tolist() == [1, 0, 0, 0, 0]
    assert made.names.goals.index("agent") == nodes.fallback_goal[2]
    assert nodes.priority[3] == 4


def test_every_edge_leads_from_its_node_by_its_exit(made: Compiled) -> None:
    """Each edge column of the nodes and menus points at an edge of that node and kind."""
    edges, nodes, menus = made.program.edges, made.program.flow.nodes, made.program.flow.menus
    for column, way in (
        (nodes.next_edge, Exit.NEXT),
        (nodes.otherwise_edge, Exit.OTHERWISE),
        (nodes.full_edge, Exit.FULL),
        (nodes.hang_up_edge, Exit.HANG_UP),
    ):
        for node, edge in enumerate(column):
            assert edge < 0 or (edges.from_node[edge], edges.exit[edge]) == (node, way)
    for key, edge in enumerate(menus.key_edge[0]):
        assert edge < 0 or (edges.from_node[edge], edges.exit[edge]) == (1, key)


def test_skills(made: Compiled) -> None:
    """g serves r, then q at penalty 3; h serves q at 0; handle times by group and queue."""
    groups = made.program.groups
    assert groups.penalty.tolist() == [[3, 0], [0, -1]]
    assert groups.queue_order.tolist() == [[1, 0], [0, -1]]
    assert groups.picks.tolist() == [Picks.LONGEST_WAIT, Picks.IN_ORDER]
    p1 = made.program.flow.dists.law.p1
    assert [p1[groups.handle_dist[g, q]] for g, q in ((0, 0), (0, 1), (1, 0))] == [60e6, 30e6, 60e6]
    assert groups.handle_dist[1, 1] == -1


def test_queues(made: Compiled) -> None:
    """Capacity, strategy, weight; AHT of q (2 × 69 + 1 × 60) / 3 = 66 s, of r 30 s."""
    queues = made.program.queues
    assert queues.capacity.tolist() == [30, -1]
    assert queues.strategy.tolist() == [Strategy.LINEAR, Strategy.LONGEST_IDLE]
    assert queues.weight.tolist() == [2, 0]
    assert queues.aht_s.tolist() == [66, 30]


def test_redial(made: Compiled) -> None:
    """50 % after abandoning, 80 % after blocking, nothing else; three attempts; patience kept."""
    classes = made.program.classes
    expected = np.zeros((2, UNSETTLED + 1))  # an outcome each, and a matter left open
    expected[0, Outcome.ABANDONED], expected[0, Outcome.BLOCKED] = 0.5, 0.8
    assert expected.tolist() == classes.redial.tolist()
    causes = [Outcome.ABANDONED, Outcome.BLOCKED]
    assert classes.attempts[:, causes].tolist() == [[3, 3], [1, 1]]
    assert [classes.keeps_patience.tolist(), classes.keeps_handle_time.tolist()] == [[1, 0], [0, 0]]
    assert classes.patience_dist.tolist() == [-1, -1]


def test_clock(made: Compiled) -> None:
    """One day, cut, counted in intervals of 5 min."""
    assert tuple(made.program.clock) == (86_400_000_000, 0, 300_000_000)


def test_load(made: Compiled) -> None:
    """Numbers and goals as indices, shares cumulative."""
    c, d = made.load.classes
    assert (c.numbers.tolist(), pytest.approx(c.number_shares.tolist())) == ([0, 2], [0.6, 1.0])
    assert (c.goals.tolist(), c.goal_shares.tolist()) == ([1, 0], [0.5, 1.0])
    assert (d.numbers.tolist(), d.goals.tolist()) == ([2], [1])
