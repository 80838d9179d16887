"""Scenarios in which everything happens at multiples of ten seconds, so that all phases tie; one without.

Belongs here: making them, phase by phase. Does not belong here: comparing.

Every phase has its *ingredient*: what makes it happen at such instants. A scenario of two phases has
the ingredients of both, and callers enough that whoever goes first makes a difference.
"""

from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from comparing import written

from vpbx.codes import Phase
from vpbx.program.compile import Compiled

Tree = dict[str, Any]

PHASES = (
    Phase.END_OF_TALK, Phase.END_OF_WRAP_UP, Phase.CHANGE, Phase.ASSIGN, Phase.END_OF_PATIENCE,
    Phase.END_OF_WALK, Phase.ARRIVAL, Phase.HORIZON, Phase.OUTAGE, Phase.PHONE_ANSWERED,
    Phase.RING_TIMEOUT, Phase.RETRY, Phase.MAXIMUM_WAIT, Phase.ANNOUNCEMENT,
)  # fmt: skip
"""All phases; those after the horizon need a queue's, an agent's or an extension's rarer tables."""
STRATEGIES = ("longest_idle", "linear", "fewest_calls", "random")
PICKS = ("longest_wait", "in_order", "longest_queue")


def _base(random: Random) -> Tree:
    """Two queues, two groups of which one serves both, a trunk."""
    serves = {"q": {"handle_time": "20 s"}, "r": {"handle_time": "10 s"}}
    return {
        "clock": {"duration": "6 min", "drain_limit": "10 min"},
        "numbers": {
            "100": {"enter": "q", "trunk": "t"},
            "200": {"enter": "hello", "trunk": "t"},
            "300": {"enter": "r", "priority": random.randrange(2)},
        },
        "trunks": {"t": {"channels": random.randrange(4, 9)}},
        "flow": {
            "q": {"queue": "q", "announce": {"wait": True}},
            "hello": {"play": "10 s", "next": "how_long"},
            "how_long": {
                "branch": [
                    {"when": "q.queue_length > 2", "next": "r"},
                    {"when": "r.agents_free >= 1", "next": "r"},
                ],
                "otherwise": "q",
            },
            "r": {"queue": "r"},
        },
        "queues": {
            name: {
                "strategy": random.choice(STRATEGIES),
                "weight": random.randrange(2),
                "estimator": random.choice(("agents_ahead", "last_served", "head_of_line")),
            }
            for name in ("q", "r")
        },
        "agents": {
            "g": {"serves": serves, "heads": 2, "picks": random.choice(PICKS)},
            "h": {"serves": {"r": {"handle_time": "10 s", "penalty": 1}}, "heads": 1},
        },
        "callers": {"c": {"dials": {"100": "50%", "200": "20%", "300": "30%"}}},
    }


def _end_of_talk(tree: Tree, random: Random) -> None:
    """Talk of no length, too: ends within the instant of its answer."""
    if random.random() < 0.5:
        tree["agents"]["h"]["serves"]["r"]["handle_time"] = "0 s"
    tree["flow"]["q"]["next"] = "r"


def _end_of_wrap_up(tree: Tree, random: Random) -> None:
    tree["agents"]["g"]["serves"]["q"] |= {"handle_time": "10 s", "wrap_up": "10 s"}
    tree["agents"]["h"]["serves"]["r"] |= {"handle_time": "10 s", "wrap_up": "10 s"}


def _change(tree: Tree, random: Random) -> None:
    """Staff of both groups, and channels, change each minute."""
    edges = ["00:00", "00:01", "00:02", "00:03", "00:04", "00:05", "24:00"]
    minutes = [f"{start}-{end}" for start, end in pairwise(edges)]
    tree["agents"]["g"]["heads"] = {m: random.randrange(4) for m in minutes}
    tree["agents"]["h"]["heads"] = {m: random.randrange(3) for m in minutes}
    tree["trunks"]["t"]["channels"] = {m: random.randrange(1, 9) for m in minutes}
    tree["agents"]["g"]["leaving"] = random.choice(("marked", "first_free"))


def _assign(tree: Tree, random: Random) -> None:
    """Many classes of callers for few agents; talk of no length assigns again within the instant."""
    tree["agents"]["g"]["serves"]["r"]["handle_time"] = "0 s"
    tree["agents"]["h"]["serves"]["r"]["penalty"] = 0
    tree["callers"]["vip"] = {"dials": {"100": "50%", "300": "50%"}, "priority": 1}


def _end_of_patience(tree: Tree, random: Random) -> None:
    """In the queue and in the menus."""
    tree["callers"]["c"]["patience"] = f"{random.choice((0, 10, 20, 30))} s"
    tree["callers"]["hasty"] = {
        "dials": {"200": "100%"}, "ivr_patience": "10 s", "patience": "10 s", "priority": 1,
    }  # fmt: skip


def _end_of_walk(tree: Tree, random: Random) -> None:
    tree["callers"]["walker"] = {"dials": {"200": "100%"}, "patience": "30 s"}
    tree["queues"]["q"]["capacity"] = random.randrange(3)
    tree["flow"]["q"]["full"] = "r"


def _arrival(tree: Tree, random: Random) -> None:
    """First attempts and redials."""
    tree["trunks"]["t"]["channels"] = random.randrange(1, 4)
    redial = {"after": {"blocked": "70%", "abandoned": "70%"}, "delay": "10 s", "attempts": 5}
    tree["callers"]["c"] |= {"patience": "20 s", "redial": redial}
    tree["callers"]["again"] = {"dials": {"100": "100%"}, "patience": "0 s", "redial": redial}


def _horizon(tree: Tree, random: Random) -> None:
    """The run is cut, drains for a while, or comes to its end as its duration does."""
    tree["clock"] |= random.choice(
        ({"at_end": "cut"}, {"drain_limit": "0 s"}, {"drain_limit": "20 s"}, {"drain_limit": "1 h"})
    )
    tree["clock"]["duration"] = random.choice(("3 min", "5 min", "310 s"))


def _outage(tree: Tree, random: Random) -> None:
    """Three outages that cut the calls of the trunk, or the talks of a group, and a closing."""
    tree["events"] = [
        {
            "at": at,
            "lasts": f"{random.choice((10, 20, 40))} s",
            "outage": random.choice(("trunk.t", "agents.g", "agents.h", "all")),
            "calls": "cut",
        }
        for at in (f"00:0{random.randrange(1, 5)}:{random.randrange(6)}0", "00:03:00", "00:05:00")
    ]
    tree["hours"] = {"early": "daily 00:00-00:04"}
    tree["queues"]["r"] |= {"closes": "early", "at_closing": random.choice(("keep", "clear"))}


def _phone_answered(tree: Tree, random: Random) -> None:
    """Phones of g, calls back, extensions that ring all at once."""
    ring_time = random.choice(("10 s", "20 s"))  # 10 s: answered at the last moment
    tree["agents"]["g"]["phone"] = {"answers_after": "10 s", "ring_time": ring_time}
    if tree["agents"]["g"]["heads"] == 2:
        tree["agents"]["g"]["heads"] = 3
    tree["queues"]["q"]["strategy"] = random.choice(("ring_all", "round_robin", "ring_all"))
    tree["queues"]["r"]["strategy"] = "longest_idle"
    back = {"taken_by": "40%", "rings": "10 s", "attempts": 2, "retry": "20 s", "answers": "60%"}
    if random.random() < 0.5:
        back["trunk"] = "t"
    tree["flow"]["q"]["offers"] = {"callback": back | {"gives_up_after": "20 s"}}
    tree["extensions"] = {
        "x": {"talk": "20 s", "answers_after": "10 s", "missed": "30%"},
        "y": {"talk": "10 s", "answers_after": "10 s", "busy": "20%", "trunk": "t"},
    }
    tree["flow"]["both"] = {"ring": {"legs": ["x", "y"], "mode": "all"}, "otherwise": "r"}
    tree["numbers"]["400"] = {"enter": "both"}
    tree["callers"]["direct"] = {"dials": {"400": "100%"}, "patience": "30 s"}


def _ring_timeout(tree: Tree, random: Random) -> None:
    """Phones of h that are often missed, extensions that ring in turn."""
    tree["agents"]["h"]["phone"] = {
        "missed": "60%", "ring_time": "10 s", "retry": "10 s", "autopause": 2, "pause": "30 s",
    }  # fmt: skip
    tree["agents"]["h"]["heads"] = tree["agents"]["h"].get("heads", 1)
    if random.random() < 0.5:
        tree["queues"]["r"]["strategy"] = "ring_all"
    own = {"talk": "10 s", "missed": "70%"}
    tree.setdefault("extensions", {}).update(
        {"u": own | {"forward": {"no_answer": "v", "busy": "v"}}, "v": own, "w": own}
    )
    legs = [{"to": name, "ring_time": "10 s"} for name in ("u", "w")]
    mode = random.choice(("in_order", "one_by_one", "random"))
    tree["flow"]["turn"] = {"ring": {"legs": legs, "mode": mode}, "otherwise": "r"}
    tree["numbers"]["500"] = {"enter": "turn"}
    tree["callers"]["around"] = {"dials": {"500": "100%"}, "patience": "20 s"}


def _retry(tree: Tree, random: Random) -> None:
    """Group h helps out after a while; those of g keep one in reserve, and pause after a miss."""
    tree["agents"]["h"]["serves"]["q"] = {"handle_time": "20 s", "after": "20 s"}
    if random.random() < 0.5:
        tree["agents"]["h"]["serves"]["r"]["after"] = "10 s"
    phone = {"missed": "50%", "ring_time": "10 s", "retry": "10 s"}
    tree["agents"]["g"].setdefault("phone", phone)


def _maximum_wait(tree: Tree, random: Random) -> None:
    """Out of one queue into the other, and out."""
    tree["flow"]["q"] |= {"max_wait": f"{random.choice((10, 20, 30))} s", "timed_out": "r"}
    tree["flow"]["r"] |= {"max_wait": f"{random.choice((10, 30))} s", "keep_place": True}
    tree["flow"]["q"]["leave"] = {"key": "1", "taken_by": "50%", "after": "20 s", "to": "r"}
    tree["callers"]["c"].setdefault("patience", "20 s")


def _announcement(tree: Tree, random: Random) -> None:
    """Told every ten seconds; some hang up, all others stay longer."""
    said = {"wait": True, "every": "10 s", "balks": {"10 s": "50%"}, "stays": "200%"}
    tree["flow"]["q"]["announce"] = said
    tree["queues"]["q"]["estimator"] = "agents_ahead"
    tree["flow"]["r"]["announce"] = {"wait": True, "every": "20 s"}
    tree["callers"]["c"].setdefault("patience", "20 s")


_INGREDIENTS: dict[Phase, Callable[[Tree, Random], None]] = {
    Phase.END_OF_TALK: _end_of_talk,
    Phase.END_OF_WRAP_UP: _end_of_wrap_up,
    Phase.CHANGE: _change,
    Phase.ASSIGN: _assign,
    Phase.END_OF_PATIENCE: _end_of_patience,
    Phase.END_OF_WALK: _end_of_walk,
    Phase.ARRIVAL: _arrival,
    Phase.HORIZON: _horizon,
    Phase.OUTAGE: _outage,
    Phase.PHONE_ANSWERED: _phone_answered,
    Phase.RING_TIMEOUT: _ring_timeout,
    Phase.RETRY: _retry,
    Phase.MAXIMUM_WAIT: _maximum_wait,
    Phase.ANNOUNCEMENT: _announcement,
}


def tied(folder: Path, one: Phase, other: Phase, pattern: int) -> Compiled:
    """A scenario with both phases' ingredients; `pattern` says who arrives when."""
    random = Random(f"{one} {other} {pattern}")
    tree = _base(random)
    for phase in sorted({one, other}):
        _INGREDIENTS[phase](tree, random)
    arrivals = {
        name: [10 * random.randrange(36) for _ in range(random.randrange(8, 45))]
        for name in tree["callers"]
    }
    return written(folder, tree, arrivals)


_RICH: Tree = {
    "clock": {"duration": "20 min", "drain_limit": "6 min"},
    "numbers": {"100": {"enter": "menu", "trunk": "t"}},
    "trunks": {"t": {"channels": 20}},
    "flow": {
        "menu": {"menu": {"1": {"at": "9 s", "next": "q"}}, "barge_in": True},
        "q": {"queue": "q", "next": "r"},
        "r": {"queue": "r", "next": "survey"},
        "survey": {"play": "exponential(mean=20 s)"},
    },
    "queues": {"q": {"strategy": "random"}, "r": {}},
    "agents": {
        "g": {
            "serves": {
                name: {
                    "handle_time": "exponential(mean=30 s)",
                    "wrap_up": "gamma(mean=20 s, cv=0.5)",
                }
                for name in ("q", "r")
            },
            "heads": 6,
        }
    },
    "callers": {
        "c": {
            "dials": {"100": "100%"},
            "wants": {"q": "100%"},
            "knows_menu": "50%",
            "presses_nothing": "20%",
            "patience": "lognormal(mean=40 s, cv=1)",
            "ivr_patience": "exponential(mean=25 s)",
            "redial": {
                "after": {"abandoned": "70%", "abandoned_ivr": "70%", "blocked": "50%"},
                "delay": "exponential(mean=60 s)",
                "attempts": 4,
            },
        }
    },
}


def rich(folder: Path, *keeps: str) -> Compiled:
    """A scenario without ties in which everything is drawn: two queues in turn, and redials."""
    tree = deepcopy(_RICH)
    tree["callers"]["c"]["redial"]["keeps"] = list(keeps)
    random = Random(1)
    return written(folder, tree, {"c": [random.uniform(0, 1200) for _ in range(250)]})


def at_the_horizon(folder: Path) -> Compiled:
    """Patience ends, and a caller calls again, at the instant at which the run is cut: at 180."""
    redial = {"after": {"abandoned": "100%"}, "delay": "30 s"}
    tree = {
        "clock": {"duration": "3 min", "at_end": "cut"},
        "numbers": {"100": {"enter": "q"}},
        "flow": {"q": {"queue": "q"}},
        "queues": {"q": {}},
        "callers": {"c": {"dials": {"100": "100%"}, "patience": "30 s", "redial": redial}},
    }
    return written(folder, tree, {"c": [90, 120, 150]})


def rising_staff(folder: Path) -> Compiled:
    """Two of three talk until 150; at 60 one is to stay, at 120 two: who is about to leave stays."""
    heads = {"00:00-00:01": 3, "00:01-00:02": 1, "00:02-24:00": 2}
    tree = {
        "clock": {"duration": "5 min"},
        "numbers": {"100": {"enter": "q"}},
        "flow": {"q": {"queue": "q"}},
        "queues": {"q": {}},
        "agents": {"g": {"serves": {"q": {"handle_time": "150 s"}}, "heads": heads}},
        "callers": {"c": {"dials": {"100": "100%"}}},
    }
    return written(folder, tree, {"c": [0, 0, 130, 140]})
