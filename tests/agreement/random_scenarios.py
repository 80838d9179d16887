"""Random scenarios for comparing the engines: everything that the language can say, in small runs.

Belongs here: what every scenario has, as plain data and as files. Does not belong here: rarer parts
(`random_parts`), comparing (`comparing`).

The graph of each scenario goes one way only, from node i to nodes after it, apart from a few ways
back out of queues; so no call walks for ever. In scenarios of whole seconds every duration and every
arrival is a whole number of seconds and laws are such that ties abound.
"""

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st
from random_parts import Parts
from random_values import Tree

from vpbx.program.compile import Compiled, compile_scenario
from vpbx.scenario.load import load

NETWORKS = ("home", "abroad", "other")
KEYS = "1234567890*#"
ZONES = ("UTC", "Europe/Moscow", "Europe/Berlin", "America/New_York")


class Made(NamedTuple):
    """A random scenario."""

    tree: Tree
    arrivals: dict[str, tuple[int, int, int]]
    """Class with a trace → seed, number of calls, span (s) of its arrivals."""
    seed: int


class Maker(Parts):
    """Draws the parts of one scenario."""

    def __init__(self, draw: st.DrawFn) -> None:
        super().__init__(draw)
        self.queues = [f"q{i}" for i in range(self.int(1, 4))]
        self.trunks = [f"t{i}" for i in range(self.int(0, 2))]
        self.extensions = [f"x{i}" for i in range(self.int(1, 4) if self.has("ring") else 0)]
        self.nodes: list[str] = []
        self.tree: Tree = {"name": "random"}
        self.classes = [f"c{i}" for i in range(self.int(1, 3))]

    # --- flow ------------------------------------------------------------------------------------

    def flow(self) -> Tree:
        """Nodes of all kinds; each goes on to later ones, a queue sometimes to an earlier one."""
        kinds = ["play", "menu", "self_service", "branch", "queue", "menu", "queue", "branch"]
        some = self.draw(st.lists(st.sampled_from(kinds), min_size=0, max_size=7))
        last = [f"queue:{q}" for q in self.queues]
        kinds = [*some, *last, *(["hangup"] if self.chance(50) else [])]
        self.nodes = [f"n{i}" for i in range(len(kinds))]
        return {f"n{i}": self.node(i, kind) for i, kind in enumerate(kinds)}

    def later(self, i: int) -> str | None:
        """A node after this one."""
        rest = self.nodes[i + 1 :]
        return str(self.one(*rest)) if rest else None

    def maybe(self, **keys: str | None) -> Tree:
        """The keys that have a value, each left out now and then."""
        return {k: v for k, v in keys.items() if v is not None and self.chance(75)}

    def node(self, i: int, kind: str) -> Tree:
        """One node."""
        following = self.later(i)
        if kind.startswith("queue"):
            return self.queue_node(i, kind.partition(":")[2] or self.one(*self.queues))
        if kind == "hangup":
            return {"hangup": True}
        assert following is not None
        if kind == "play":
            reaction = {"reaction": self.law(4)} if self.chance(30) else {}
            own = {"play": self.law(12), "barge_in": self.chance(50), **reaction}
            return own | self.maybe(next=following)
        if kind == "self_service":
            own = {"self_service": {"takes": self.law(15), "settles": self.share()}}
            return own | self.maybe(next=following, otherwise=self.later(i))
        if kind == "branch":
            cases = [self.case(i) for _ in range(self.int(1, 3))]
            return {"branch": cases, "otherwise": following}
        return self.menu(i)

    def menu(self, i: int) -> Tree:
        """A menu; sometimes only the shares of its keys are known."""
        keys = self.draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True))
        shares = self.chance(25)
        options = {}
        for key in keys:
            options[key] = {"at": self.seconds(8), "next": self.later(i)}
            if shares:
                options[key]["share"] = f"{self.int(0, 33)}%"
        silence = {"after": self.seconds(5), "repeat": self.int(0, 2)}
        mismatch: Tree = {"repeat": self.int(0, 2)}
        own: Tree = {
            "menu": options,
            "barge_in": self.chance(50),
            "no_input": silence | self.maybe(then=self.later(i)),
            "no_match": mismatch | self.maybe(then=self.later(i)),
        }
        if self.chance(60):
            own["reaction"] = self.law(3)
        elif self.whole:
            own["reaction"] = "1 s"
        if self.chance(30):
            own["length"] = f"{self.int(9, 12)} s"
            own["replay_from"] = f"{self.int(0, 9)} s"
        return own

    def case(self, i: int) -> Tree:
        """A case of a branch."""
        kind = self.int(0, 7)
        following = {"next": self.later(i)}
        if kind == 0:
            return {self.one("open", "closed"): self.one("office", "night"), **following}
        if kind == 1:
            return {"class": self.one(*self.classes), **following}
        if kind == 2:
            return {"network": self.one(*NETWORKS), **following}
        relation, queue = self.one("<", "<=", ">", ">="), self.one(*self.queues)
        what = self.one("expected_wait", "queue_length", "agents_free", "position")
        value = f"{self.int(0, 40)} s" if what == "expected_wait" else str(self.int(0, 4))
        return {"when": f"{queue}.{what} {relation} {value}", **following}

    def queue_node(self, i: int, queue: str) -> Tree:
        """A node that queues; after the talk a call may go on, even back."""
        own: Tree = {"queue": queue, "priority": self.one(0, 0, 0, 1, 5, -2)}
        if self.chance(40):
            own["announce"] = {"wait": True}
        onward = self.later(i)
        return own | {
            k: v
            for k, v in {"next": onward, "full": self.later(i)}.items()
            if v is not None and self.chance(30)
        }

    # --- the rest --------------------------------------------------------------------------------

    def queue(self) -> Tree:
        """A queue."""
        own: Tree = {
            "strategy": self.one("longest_idle", "linear", "fewest_calls", "random"),
            "estimator": self.one("agents_ahead", "asterisk", "last_served", "head_of_line"),
            "weight": self.one(0, 0, 1, 2),
        }
        if self.chance(40):
            own["capacity"] = self.one(0, 1, 2, 5)
        return own

    def group(self) -> Tree:
        """A group of agents."""
        served = self.draw(
            st.lists(st.sampled_from(self.queues), min_size=1, max_size=4, unique=True)
        )
        serves = {}
        for queue in served:
            serves[queue] = {"handle_time": self.law(30), "penalty": self.one(0, 0, 1, 2)}
            if self.chance(50):
                serves[queue]["wrap_up"] = self.law(6)
        own = {
            "serves": serves,
            "picks": self.one("longest_wait", "in_order", "longest_queue"),
            "heads": self.heads(4),
        }
        return own | ({"shrinkage": self.one("30%", "50%")} if self.chance(20) else {})

    def numbers(self, trunks: list[str]) -> Tree:
        """Telephone numbers, some closed to some networks, some on a trunk."""
        found = {}
        for name in ("100", "200", "300")[: self.int(1, 3)]:
            own: Tree = {"enter": self.one(*self.nodes), "priority": self.one(0, 0, 3)}
            if trunks and self.chance(60):
                own["trunk"] = self.one(*trunks)
            if self.chance(10):
                own["accepts"] = self.one(["home"], ["home", "other"])
            elif self.chance(20):
                own["refuses"] = {"abroad": "sorry"}
            found[name] = own
        return found

    def caller(self, numbers: list[str]) -> Tree:
        """A caller class, without its load."""
        dialled = self.draw(st.lists(st.sampled_from(numbers), min_size=1, max_size=2, unique=True))
        own: Tree = {
            "network": self.one(*NETWORKS),
            "dials": dict(
                zip(dialled, ("60%", "40%") if len(dialled) == 2 else ("100%",), strict=True)
            ),
            "priority": self.one(0, 0, 1, 4),
            "knows_menu": self.share(),
            "presses_wrong": self.one("0%", "0%", "10%", "40%"),
            "presses_nothing": self.one("0%", "0%", "10%", "40%"),
        }
        if self.chance(80):
            own["wants"] = self.wants(dialled)
        if self.chance(70):
            own["patience"] = self.law(40)
        if self.chance(40):
            own["ivr_patience"] = self.law(30)
        if self.chance(60):
            own["redial"] = self.redial()
        return own

    def wants(self, numbers: list[str]) -> Tree:
        """Goals, some with forced keys."""
        goals = self.draw(
            st.lists(st.sampled_from(self.nodes), min_size=1, max_size=3, unique=True)
        )
        shares = {1: ("100%",), 2: ("70%", "30%"), 3: ("50%", "30%", "20%")}[len(goals)]
        found: Tree = {}
        for goal, share in zip(goals, shares, strict=True):
            found[goal] = share
            keys = {n: path for n in numbers if (path := self.key_path(n))}
            if keys and self.chance(30):
                found[goal] = {"share": share, "keys": keys}
        return found

    def key_path(self, number: str) -> str:
        """Keys that lead from menu to menu, from where a number enters; "" without a menu there."""
        node, keys = self.tree["numbers"][number]["enter"], ""
        while node is not None and len(keys) < 3:
            own = self.tree["flow"][node]
            if "menu" in own:
                keys += self.one(*own["menu"])
                node = own["menu"][keys[-1]]["next"]
            elif "play" in own:
                node = own.get("next")
            else:
                break
        return keys

    def redial(self) -> Tree:
        """Calling again."""
        causes = ("blocked", "abandoned", "abandoned_ivr", "lost", "refused")
        return {
            "after": {cause: self.one("50%", "100%", "90%") for cause in causes if self.chance(60)},
            "delay": self.law(60),
            "attempts": self.int(1, 6),
            "keeps": self.draw(
                st.lists(st.sampled_from(["patience", "handle_time"]), max_size=2, unique=True)
            ),
        }

    def clock(self) -> Tree:
        """A run of minutes, or of days over a night in which clocks are changed."""
        drains = {"at_end": self.one("drain", "drain", "cut")}
        if self.chance(50):
            drains["drain_limit"] = self.one("0 s", "30 s", "3 min", "2 h")
        zone, start = self.one(*ZONES), self.one(*STARTS)
        length = self.one("6 min", "10 min", "10 min", "1 h", "26 h", "3 days", "5 days")
        return {"timezone": zone, "start": start, "duration": length, **drains}

    def scenario(self) -> Made:
        """All of it."""
        clock = self.clock()
        tree = self.tree
        tree["clock"] = clock
        tree["hours"] = {"office": "daily 00:02-00:05", "night": "daily 22:00-03:00"}
        tree["flow"] = self.flow() | {"sorry": {"play": self.law(3)}}
        trunks = [f"t{i}" for i in range(self.int(0, 2))]
        tree["trunks"] = {t: {"channels": self.heads(8)} for t in trunks}
        tree["numbers"] = self.numbers(trunks)
        tree["queues"] = {q: self.queue() for q in self.queues}
        tree["agents"] = {f"g{i}": self.group() for i in range(self.int(0, 4))}
        numbers = list(tree["numbers"])
        tree["callers"] = {c: self.caller(numbers) for c in self.classes}
        arrivals = self.loads(tree)
        return Made(tree, arrivals, self.int(0, 10**6))

    def loads(self, tree: Tree) -> dict[str, tuple[int, int, int]]:
        """Gives each class a trace (always in whole seconds) or a random load."""
        unit = {"6 min": 360, "10 min": 600, "1 h": 3600, "26 h": 93600}
        length = str(tree["clock"]["duration"])
        span = unit.get(length) or int(length.split(maxsplit=1)[0]) * 86400
        arrivals = {}
        for name, caller in tree["callers"].items():
            n_calls = self.int(20, 100)
            if self.whole or self.chance(30):
                crowd = self.one(span, span, min(span, 120), min(span, 600))
                arrivals[name] = (self.int(0, 10**6), n_calls, crowd)
                caller["trace"] = {"file": f"{name}.csv", "dither": not self.whole}
            else:
                caller["volume"] = f"{max(1, n_calls * 86400 // span)}/day"
                if self.chance(30):
                    caller["busyness"] = {"cv": "30%", "factor": self.one("shared", "own")}
        return arrivals


@st.composite
def scenarios(draw: st.DrawFn) -> Made:
    """A random scenario."""
    return Maker(draw).scenario()


def compiled(made: Made, folder: Path) -> Compiled:
    """Writes a random scenario (and its traces) into a folder, loads and compiles it."""
    start = datetime.fromisoformat(made.tree["clock"]["start"])
    for name, (seed, n_calls, span) in made.arrivals.items():
        random = Random(seed)
        times = sorted(random.randrange(span) for _ in range(n_calls))
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["arrived"])
            rows.writerows([(start + timedelta(seconds=at)).isoformat(" ")] for at in times)
    file = folder / "random.yaml"
    file.write_text(json.dumps(made.tree, ensure_ascii=False), "utf-8")
    return compile_scenario(load(file).scenario, folder)
