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
from typing import Any, NamedTuple

from hypothesis import strategies as st
from random_parts import Parts
from random_values import Tree

from vpbx.program.compile import Compiled, compile_scenario
from vpbx.scenario.load import load

NETWORKS = ("home", "abroad", "other")
KEYS = "1234567890*#"
RARE = ("identify", "survey", "round_trip", "ring", "voicemail")
ZONES = ("UTC", "Europe/Moscow", "Europe/Berlin", "America/New_York")


class Made(NamedTuple):
    """A random scenario."""

    tree: Tree
    arrivals: dict[str, tuple[int, int, int]]
    """Class with a trace → seed, number of calls, span (s) of its arrivals."""
    seed: int


class Maker(Parts):
    """Draws the parts of one scenario."""

    def __init__(self, random: Random, plain: bool = False) -> None:
        super().__init__(random, plain)
        self.queues = [f"q{i}" for i in range(self.count(1, 4))]
        self.trunks = [f"t{i}" for i in range(self.count(0, 2))]
        self.extensions = [f"x{i}" for i in range(self.count(1, 4) if self.has("ring") else 0)]
        self.nodes: list[str] = []
        self.tree: Tree = {"name": "random"}
        self.queue_tables: Tree = {}
        self.platform = self.one("asterisk", "freeswitch")
        following = self.some(self.queues, 1, 4) if self.has("platform") else []
        self.following = {q for q in following if q in self.queues}
        self.classes = [f"c{i}" for i in range(self.count(1, 3))]

    # --- flow ------------------------------------------------------------------------------------

    def flow(self) -> Tree:
        """Nodes of all kinds; each goes on to later ones, a queue sometimes to an earlier one."""
        kinds = ["play", "menu", "self_service", "branch", "queue", "menu", "queue", "branch"]
        kinds += self.rare_kinds()
        some = [self.one(*kinds) for _ in range(self.count(0, 6))]
        last = [f"queue:{q}" for q in self.queues]
        kinds = [*some, *last, *(["hangup"] if self.chance(50) else [])]
        self.nodes = [f"n{i}" for i in range(len(kinds))]
        flow = {
            f"n{i}": self.node(i, kind) | self.licensed(i, kind.partition(":")[0])
            for i, kind in enumerate(kinds)
        }
        passed_on = {node["next"] for node in flow.values() if "queue" in node and "next" in node}
        for name in sorted(passed_on):
            if "queue" in flow[name] and self.has("holds", 75):
                flow[name]["holds_agent"] = self.one("until_answer", "to_the_end")
        return flow

    def node(self, i: int, kind: str) -> Tree:
        """One node."""
        following = self.later(i)
        if kind.startswith("queue"):
            return self.queue_node(i, kind.partition(":")[2] or self.one(*self.queues))
        if kind == "hangup":
            return {"hangup": True}
        if kind in RARE:
            return self.rare_node(i, kind)
        assert following is not None
        if kind == "play":
            reaction = {"reaction": self.law(4)} if self.chance(30) else {}
            own = {"play": self.law(12), "barge_in": self.chance(50), **reaction}
            return own | self.maybe(next=following)
        if kind == "self_service":
            own = {"self_service": {"takes": self.law(15), "settles": self.share()}}
            return own | self.maybe(next=following, otherwise=self.later(i))
        if kind == "branch":
            cases = [self.case(i) for _ in range(self.count(1, 3))]
            if self.has("by_share", 75):
                shares = [self.one("10%", "50%") for _ in range(self.count(1, 2))]
                cases += [{"share": share, "next": self.later(i)} for share in shares]
            return {"branch": cases, "otherwise": following}
        return self.menu(i)

    def menu(self, i: int) -> Tree:
        """A menu; sometimes only the shares of its keys are known."""
        keys = self.some(KEYS, 1, 3)
        shares = self.chance(25)
        options = {}
        for key in keys:
            options[key] = {"at": self.seconds(8), "next": self.later(i)}
            if shares:
                options[key]["share"] = f"{self.count(0, 33)}%"
        silence = {"after": self.seconds(5), "repeat": self.count(0, 2)}
        mismatch: Tree = {"repeat": self.count(0, 2)}
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
            own["length"] = f"{self.count(9, 12)} s"
            own["replay_from"] = f"{self.count(0, 9)} s"
        return own

    def case(self, i: int) -> Tree:
        """A case of a branch."""
        kind = self.count(0, 7)
        following = {"next": self.later(i)}
        if kind == 0:
            hours = self.one("office", "night", "soon")
            return {self.one("open", "closed"): hours, **following}
        if kind == 1:
            return {"class": self.one(*self.classes), **following}
        if kind == 2:
            return {"network": self.one(*NETWORKS), **following}
        return {"when": self.condition(), **following}

    def queue_node(self, i: int, queue: str) -> Tree:
        """A node that queues; after the talk a call may go on, even back."""
        own: Tree = {"queue": queue, "priority": self.one(0, 0, 0, 1, 5, -2)}
        if self.chance(40):
            own["announce"] = self.announce()
        onward = self.later(i)
        ways = {"next": onward, "full": self.later(i)}
        often = 60 if "holds" in self.features else 30
        own |= {k: v for k, v in ways.items() if v is not None and self.chance(often)}
        return own | self.waits(i, self.queue_tables[queue].get("join_empty", True))

    # --- the rest --------------------------------------------------------------------------------

    def queue(self, name: str) -> Tree:
        """A queue."""
        if name in self.following:
            return self.platform_queue(self.platform)
        strategies = ["longest_idle", "linear", "fewest_calls", "random", "round_robin"]
        own: Tree = {
            "strategy": self.one(*strategies),
            "estimator": self.one("agents_ahead", "asterisk", "last_served", "head_of_line"),
            "weight": self.one(0, 0, 1, 2),
        }
        if self.chance(30):
            own["capacity"] = self.one(0, 1, 2, 5)
        if self.has("ring_all", 60):
            own["strategy"] = "ring_all"
        return own | self.rare_queue()

    def group(self) -> Tree:
        """A group of agents."""
        pools = [self.following, set(self.queues) - self.following]
        pool = self.one(*(sorted(pool) for pool in pools if pool))
        served = self.some(pool, 1, 4)
        if served[0] in self.following:
            return self.platform_group(served)
        serves = {}
        for queue in served:
            serves[queue] = {"handle_time": self.law(30), "penalty": self.one(0, 0, 1, 2)}
            if self.chance(50):
                serves[queue]["wrap_up"] = self.law(6)
            serves[queue] |= self.rare_serves()
        picks = self.one("longest_wait", "in_order", "longest_queue")
        own: Tree = {"serves": serves, "picks": picks} | self.rare_group()
        if self.has("shifts", 60):
            return own | {"shifts": self.shifts()}
        own["heads"] = self.heads(4)
        if self.has("spare", 60) and _most(own) > 1:
            serves[served[-1]]["spare"] = self.count(1, _most(own) - 1)
            return own
        return own | ({"shrinkage": self.one("30%", "50%")} if self.chance(20) else {})

    def numbers(self, trunks: list[str]) -> Tree:
        """Telephone numbers, some closed to some networks, some on a trunk."""
        found = {}
        for name in ("100", "200", "300")[: self.count(1, 3)]:
            own: Tree = {"enter": self.one(*self.nodes), "priority": self.one(0, 0, 3)}
            if trunks and self.chance(60):
                own["trunk"] = self.one(*trunks)
            if self.chance(5):
                own["accepts"] = self.one(["home"], ["home", "other"])
            elif self.chance(10):
                own["refuses"] = {"abroad": "sorry"}
            found[name] = own | self.rare_number()
        return found

    def caller(self, numbers: list[str]) -> Tree:
        """A caller class, without its load."""
        dialled = self.some(numbers, 1, 2)
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
        if self.has("crowds", 70):
            counts = self.some([1, 2, 3, 5], 1, 3)
            own["crowded"] = {str(count): self.law(30) for count in counts}
        if self.chance(40):
            own["ivr_patience"] = self.law(30)
        if self.has("limits", 30):
            own["balks"] = self.one("20%", "60%")
        if self.chance(60):
            own["redial"] = self.redial(numbers)
        return own

    def wants(self, numbers: list[str]) -> Tree:
        """Goals, some with forced keys."""
        goals = self.some(self.nodes, 1, 3)
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

    def redial(self, numbers: list[str]) -> Tree:
        """Calling again."""
        return {
            "after": self.after(numbers),
            "delay": self.law(60),
            "attempts": self.count(1, 6),
            "keeps": self.some(["patience", "handle_time"], 0, 2),
        }

    def clock(self) -> Tree:
        """A run of minutes, or of days over a night in which clocks are changed."""
        drains = {"at_end": self.one("drain", "drain", "cut")}
        if self.chance(50):
            drains["drain_limit"] = self.one("0 s", "30 s", "3 min", "2 h")
        zone, start = self.one(*ZONES), f"{self.start:%Y-%m-%d %H:%M}"
        length = self.one("6 min", "10 min", "10 min", "10 min", "1 h", "26 h", "3 days", "5 days")
        return {"timezone": zone, "start": start, "duration": length, **drains}

    def scenario(self) -> Made:
        """All of it."""
        tree = self.tree
        tree["clock"] = self.clock()
        tree["hours"] = {
            "office": self.span(2, 5), "night": "daily 22:00-03:00", "soon": self.span(0, 3),
        }  # fmt: skip
        tree["queues"] = self.queue_tables
        for queue in self.queues:
            self.queue_tables[queue] = self.queue(queue)
        tree["flow"] = self.flow() | {"sorry": {"play": self.law(3)}}
        tree["trunks"] = {t: {"channels": self.channels()} for t in self.trunks}
        tree["extensions"] = {x: self.extension(i) for i, x in enumerate(self.extensions)}
        tree["numbers"] = self.numbers(self.trunks)
        tree["agents"] = {f"g{i}": self.group() for i in range(self.one(0, 1, 1, 2, 2, 3, 4))}
        self.drop_empty_offers(tree)
        numbers = list(tree["numbers"])
        tree["callers"] = {c: self.caller(numbers) for c in self.classes}
        tree["events"] = self.events(list(tree["agents"]), numbers)
        if "licence" in self.features:
            tree["licence"] = self.licence()
        arrivals = self.loads(tree)
        return Made(tree, arrivals, self.count(0, 10**6))

    def channels(self) -> Any:
        """Channels of a trunk, mostly enough for some calls."""
        return self.count(3, 15) if self.chance(50) else self.heads(8)

    def drop_empty_offers(self, tree: Tree) -> None:
        """Nobody is called back where nobody is ever there to do it."""
        manned = {q for group in tree["agents"].values() if _most(group) for q in group["serves"]}
        for node in tree["flow"].values():
            if node.get("queue") not in manned:
                node.get("offers", {}).pop("callback", None)

    def loads(self, tree: Tree) -> dict[str, tuple[int, int, int]]:
        """Gives each class a trace (always in whole seconds) or a random load."""
        unit = {"6 min": 360, "10 min": 600, "1 h": 3600, "26 h": 93600}
        length = str(tree["clock"]["duration"])
        span = unit.get(length) or int(length.split(maxsplit=1)[0]) * 86400
        arrivals = {}
        for name, caller in tree["callers"].items():
            n_calls = self.count(20, 100)
            if self.whole or self.chance(30):
                crowd = self.one(span, span, min(span, 120), min(span, 600))
                arrivals[name] = (self.count(0, 10**6), n_calls, crowd)
                caller["trace"] = {"file": f"{name}.csv", "dither": not self.whole}
            else:
                caller["volume"] = f"{max(1, n_calls * 86400 // span)}/day"
                if self.chance(30):
                    caller["busyness"] = {"cv": "30%", "factor": self.one("shared", "own")}
        return arrivals


def _most(group: Tree) -> int:
    """Most people of a group at once."""
    heads = group.get("heads", 1)
    if isinstance(heads, dict):
        heads = list(heads.values())
    return int(max(heads) if isinstance(heads, list) else heads)


def scenario_of(number: int, plain: bool = False) -> Made:
    """A random scenario, always the same for a number; `plain`: without any rarer feature."""
    return Maker(Random(number), plain).scenario()


def scenarios(plain: bool = False) -> st.SearchStrategy[Made]:
    """Random scenarios, by their numbers: drawn one value at a time they would be much alike."""
    return st.integers(0, 2**63).map(lambda number: scenario_of(number, plain))


def compiled(made: Made, folder: Path) -> Compiled:
    """Writes a random scenario (and its traces) into a folder, loads and compiles it."""
    start = datetime.fromisoformat(made.tree["clock"]["start"])
    for name, (seed, n_calls, span) in made.arrivals.items():
        random = Random(seed)
        times = sorted(random.randrange(span) for _ in range(n_calls))
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as trace:
            rows = csv.writer(trace)
            rows.writerow(["arrived"])
            rows.writerows([(start + timedelta(seconds=at)).isoformat(" ")] for at in times)
    file = folder / "random.yaml"
    file.write_text(json.dumps(made.tree, ensure_ascii=False), "utf-8")
    return compile_scenario(load(file).scenario, folder)
