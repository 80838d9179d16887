"""Queues that follow Asterisk or FreeSWITCH, each strategy, everything at multiples of ten seconds.

Belongs here: making them. Does not belong here: comparing; random ones (`random_parts`).
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from comparing import written
from random_parts import STRATEGIES

from vpbx.program.compile import Compiled

Tree = dict[str, Any]
CASES = [(platform, name) for platform, names in STRATEGIES.items() for name in names]
"""Every platform's every strategy."""


def served(folder: Path, platform: str, strategy: str, pattern: int) -> Compiled:
    """Two queues that share a group of agents, two groups beside it, a mailbox, menus of 20 s."""
    random = Random(f"{platform} {strategy} {pattern}")
    tree = _base(random, platform, strategy)
    arrivals = {
        name: [10 * random.randrange(48) for _ in range(random.randrange(20, 45))]
        for name in tree["callers"]
    }
    return written(folder, tree, arrivals)


def all_served(folder: Path, pattern: int) -> Iterator[Compiled]:
    """One of each strategy."""
    for platform, strategy in CASES:
        yield served(folder, platform, strategy, pattern)


def _base(random: Random, platform: str, strategy: str) -> Tree:
    asterisk = platform == "asterisk"
    queues = {name: _asterisk(random) if asterisk else _freeswitch(random) for name in ("q", "r")}
    queues["r"] |= {"weight": 1} if asterisk else {}
    queues["box"] = {}
    agents = {name: _group(random, asterisk, name) for name in ("g", "h", "i")}
    back = {"taken_by": "20%", "rings": "10 s", "attempts": 2, "retry": "20 s", "answers": "60%"}
    return {
        "clock": {"duration": "8 min", "drain_limit": "4 min"},
        "numbers": {
            "100": {"enter": "q"},
            "200": {"enter": "hello"},
            "300": {"enter": "r", "priority": random.choice((0, 10))},
            "400": {"enter": "mail"},
        },
        "flow": {
            "q": {"queue": "q", "max_wait": "60 s", "timed_out": "r", "offers": {"callback": back}},
            "hello": {"play": "20 s", "next": "q"},
            "r": {"queue": "r", "max_wait": f"{random.choice((30, 50))} s"},
            "mail": {"voicemail": {"takes": "10 s", "queue": "box"}},
        },
        "queues": {
            name: own | {"platform": platform, "strategy": strategy} for name, own in queues.items()
        },
        "agents": agents,
        "callers": {
            "c": {"dials": {"100": "60%", "200": "40%"}, "patience": "90 s"},
            "d": {"dials": {"300": "80%", "100": "20%"}, "patience": "40 s"},
            "e": {"dials": {"400": "100%"}},
        },
    }


def _asterisk(random: Random) -> Tree:
    own: Tree = {"autofill": random.random() < 0.7, "retry": f"{random.choice((0, 10))} s"}
    own["penalty_members_limit"] = random.choice((0, 0, 2, 4))
    own |= {"capacity": 4} if random.random() < 0.3 else {}
    rules = (
        [],
        [{"most": 0}, {"after": "20 s", "most": 1}, {"after": "40 s", "most": 2}],
        [
            {"least": 0, "lifts_to": 0},
            {"after": "20 s", "least": 1},
            {"after": "40 s", "lifts_to": 2},
        ],
    )
    return own | {"penalty_rules": random.choice(rules)}


def _freeswitch(random: Random) -> Tree:
    own: Tree = {"time_base_score": random.choice(("queue", "system"))}
    if random.random() < 0.6:
        own["tier_rules"] = {
            "wait": "10 s",
            "multiply_by_level": random.random() < 0.7,
            "no_agent_no_wait": random.random() < 0.5,
        }
    return own


def _group(random: Random, asterisk: bool, name: str) -> Tree:
    """Group g serves all queues, h and i one each; levels from 1 up, penalties from 0 up."""
    served_queues = {"g": ("q", "r", "box"), "h": ("q",), "i": ("r", "q")}[name]
    serves = {
        queue: {
            "handle_time": f"{random.choice((10, 20, 40))} s",
            "wrap_up": f"{random.choice((0, 10))} s",
            "penalty": random.randrange(3) + (not asterisk),
        }
        for queue in served_queues
    }
    phone: Tree = {
        "answers_after": f"{random.choice((0, 10))} s", "ring_time": "20 s",
        "missed": random.choice(("0%", "40%", "70%")), "retry": random.choice(("0 s", "0 s", "10 s")),
    }  # fmt: skip
    if random.random() < 0.5:
        phone |= {
            "autopause": 2,
            "pause": "60 s",
            "autopause_delay": random.choice(("0 s", "50 s")),
        }
    heads: Any = random.choice((1, 2, 2))
    if random.random() < 0.5:
        heads = {"00:00-00:02": 2, "00:02-00:04": random.randrange(2), "00:04-24:00": 1}
    return {"serves": serves, "phone": phone, "heads": heads}
