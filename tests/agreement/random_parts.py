"""The rarer parts of random scenarios: phones, offers, extensions, mailboxes, outages, the licence.

Belongs here: parts that a scenario has only where it has the feature (`random_values.FEATURES`). Does
not belong here: what every scenario has (`random_scenarios`).
"""

from datetime import timedelta
from typing import Any

from random_values import Tree, Values

CAUSES = (
    "blocked", "abandoned", "abandoned_ivr", "lost", "refused", "balked", "timed_out", "suspended",
    "failed", "cleared", "callback_failed", "unsettled",
)  # fmt: skip
STRATEGIES = {
    "asterisk": (
        "ringall", "linear", "rrmemory", "rrordered", "random", "wrandom", "fewestcalls",
        "leastrecent",
    ),
    "freeswitch": (
        "longest-idle-agent", "agent-with-least-talk-time", "agent-with-fewest-calls", "ring-all",
        "random", "sequentially-by-agent-order", "round-robin", "top-down",
    ),
}  # fmt: skip
MODULES = ("greeting", "menu", "queue", "forwarding", "voicemail", "survey", "identification")


class Parts(Values):
    """Draws the rarer parts."""

    nodes: list[str]
    queues: list[str]
    trunks: list[str]
    extensions: list[str]

    def later(self, i: int) -> str | None:
        """A node after this one."""
        rest = self.nodes[i + 1 :]
        return str(self.one(*rest)) if rest else None

    def maybe(self, **keys: str | None) -> Tree:
        """The keys that have a value, each left out now and then."""
        return {k: v for k, v in keys.items() if v is not None and self.chance(75)}

    def condition(self) -> str:
        """A question about a queue."""
        relation, queue = self.one("<", "<=", ">", ">="), self.one(*self.queues)
        what = self.one("expected_wait", "queue_length", "agents_free", "position")
        value = f"{self.count(0, 40)} s" if what == "expected_wait" else str(self.count(0, 4))
        return f"{queue}.{what} {relation} {value}"

    # --- nodes -----------------------------------------------------------------------------------

    def rare_kinds(self) -> list[str]:
        """Kinds of nodes that the scenario has besides."""
        kinds = ["ring"] * 4 if self.has("ring") else []
        kinds += ["voicemail"] * 2 if self.has("voicemail") else []
        return kinds + (["identify", "survey", "round_trip"] if self.has("asking") else [])

    def rare_node(self, i: int, kind: str) -> Tree:
        """A node of one of these kinds."""
        following = self.maybe(next=self.later(i))
        if kind == "identify":
            own: Tree = {"identify": {"takes": self.law(12), "passes": self.share()}}
            return own | following | self.maybe(otherwise=self.later(i))
        if kind == "survey":
            return {"survey": {"takes": self.law(12), "taken_by": self.share()}} | following
        if kind == "round_trip":
            return {"round_trip": self.law(20)} | following
        if kind == "ring":
            return {"ring": self.ring()} | following | self.maybe(otherwise=self.later(i))
        return self.voicemail(i)

    def ring(self) -> Tree:
        """Legs, some with a ring time of their own, an extension sometimes twice."""
        legs: list[Any] = []
        for _ in range(self.count(1, 4)):
            to = self.one(*self.extensions)
            own = {"to": to, "ring_time": self.seconds(15, 1)}
            legs.append(own if self.chance(70) else to)
        return {"legs": legs, "mode": self.one("all", "in_order", "one_by_one", "random")}

    def voicemail(self, i: int) -> Tree:
        """A mailbox, whose messages may wait for an agent."""
        own: Tree = {"takes": self.law(15)}
        if self.chance(80):
            own["queue"] = self.one(*self.queues)
        if not self.chance(50):
            return {"voicemail": own}
        return {"voicemail": own | {"capacity": self.count(0, 3)}} | self.maybe(full=self.later(i))

    def waits(self, i: int, join_empty: bool) -> Tree:
        """What may happen at a queue node besides the answer."""
        own: Tree = {}
        onward = self.later(i)
        if self.has("limits", 60):
            own |= {"max_wait": self.seconds(25)} | self.maybe(timed_out=onward)
        if self.has("limits", 60) and onward is not None:
            own["leave"] = {
                "key": self.one("1", "*"), "taken_by": self.some_share(), "after": self.law(20),
                "to": self.later(i),
            }  # fmt: skip
        if self.has("keep_place", 60):
            own["keep_place"] = True
        if not join_empty:
            own |= self.maybe(empty=onward)
        if self.has("offers", 75):
            own["offers"] = self.offers(i)
        return own

    def announce(self) -> Tree:
        """What callers are told, and how they take it."""
        own: Tree = {"wait": True}
        if not self.has("announce", 80):
            return own
        if self.chance(20):
            own["position"] = True
        if self.chance(70):
            own["every"] = self.seconds(12, 1)
        if self.chance(60):
            own["balks"] = {f"{self.count(0, 9)} s": "20%", f"{self.count(10, 40)} s": "60%"}
        if self.chance(60):
            own["stays"] = self.one("150%", "50%", "0%", "133%")
        return own

    def offers(self, i: int) -> Tree:
        """What callers who have to wait are offered."""
        found: Tree = {}
        if self.later(i) is not None and self.chance(40):
            found["elsewhere"] = {"taken_by": self.some_share(), "to": self.later(i)}
        if self.chance(70):
            rings, gives_up = self.law_within(10, "10 s")
            found["callback"] = {
                "taken_by": self.some_share(), "answers": self.one("100%", "60%", "30%"),
                "rings": rings, "gives_up_after": gives_up, "attempts": self.count(1, 3),
                "retry": self.seconds(15),
            }  # fmt: skip
            if self.trunks and self.chance(60):
                found["callback"]["trunk"] = self.one(*self.trunks)
        if self.chance(40):
            price = {"price": "50 RUB", "priority": self.one(1, 3, 10)}
            found["paid_skip"] = {"taken_by": self.some_share(), **price}
        for offer in found.values():
            if self.chance(40):
                offer["when"] = self.condition()
        return found

    # --- queues, agents, extensions ----------------------------------------------------------------

    def rare_queue(self) -> Tree:
        """What a queue has besides."""
        own: Tree = {}
        if self.has("credit", 60):
            own["credit"] = self.seconds(20)
        if self.has("closing", 75):
            own |= {"closes": self.one("office", "soon"), "at_closing": self.one("keep", "clear")}
        if self.has("join_empty", 75):
            own["join_empty"] = False
        return own

    def platform_queue(self, platform: str) -> Tree:
        """A queue that follows a platform."""
        own: Tree = {"platform": platform, "strategy": self.one(*STRATEGIES[platform])}
        if self.chance(30):
            own["capacity"] = self.one(1, 2, 5)
        if platform == "freeswitch":
            own["time_base_score"] = self.one("queue", "system")
            if self.chance(60):
                own["tier_rules"] = {
                    "wait": self.seconds(15, 1), "multiply_by_level": self.chance(60),
                    "no_agent_no_wait": self.chance(50),
                }  # fmt: skip
            return own | self.rare_queue()
        own |= {"autofill": self.chance(70), "weight": self.one(0, 0, 1, 2)}
        own["penalty_members_limit"] = self.one(0, 0, 0, 2, 4)
        if self.chance(80):
            own["retry"] = self.seconds(8)
        if self.chance(60):
            own["penalty_rules"] = self.penalty_rules()
        return {k: v for k, v in (own | self.rare_queue()).items() if k != "credit"}

    def penalty_rules(self) -> list[Tree]:
        """Penalties that widen, or narrow, with the wait."""
        limits = self.some(["least", "most", "lifts_to"], 1, 3)
        values = {"least": (0, 0, 1), "most": (0, 1, 2), "lifts_to": (0, 1, 2)}
        found: list[Tree] = []
        for after in range(0, 31, 10)[: self.count(1, 4)]:
            rule: Tree = {k: self.one(*values[k]) for k in limits if after == 0 or self.chance(70)}
            if rule.get("least", 0) <= rule.get("most", 9) and (rule or after == 0):
                found.append({"after": f"{after} s"} | rule)
            elif after == 0:
                return []
        return found

    def platform_group(self, served: list[str]) -> Tree:
        """A group that waits for calls of a platform's queues."""
        serves: Tree = {}
        for queue in served:
            own: Tree = {"handle_time": self.law(30)}
            own |= {"penalty": self.one(0, 0, 1, 2)} if self.chance(80) else {}
            own |= {"wrap_up": self.law(6)} if self.chance(50) else {}
            serves[queue] = own | ({"settles": self.share()} if self.has("settles", 75) else {})
        found: Tree = {"serves": serves} | self.rare_group()
        if "autopause" in found.get("phone", {}) and self.chance(50):
            found["phone"]["autopause_delay"] = self.seconds(20)
        return found | (
            {"shifts": self.shifts()} if self.has("shifts", 60) else {"heads": self.heads(4)}
        )

    def rare_serves(self) -> Tree:
        """How a group serves a queue, besides."""
        own: Tree = {}
        if self.has("overflow", 50):
            own["after"] = self.seconds(20)
        if self.has("settles", 75):
            own["settles"] = self.share()
        return own

    def rare_group(self) -> Tree:
        """What a group has besides."""
        own: Tree = {}
        if self.has("first_free", 75):
            own["leaving"] = "first_free"
        if self.has("at_once", 50):
            own["at_once"] = self.count(2, 3)
        if self.has("phones", 75):
            own["phone"] = self.phone()
        return own

    def phone(self) -> Tree:
        """A phone that is answered now and then."""
        answers, ring_time = self.law_within(6, "6 s")
        own: Tree = {
            "answers_after": answers, "ring_time": ring_time,
            "missed": self.one("0%", "30%", "70%"), "retry": self.seconds(6),
        }  # fmt: skip
        if self.chance(50):
            own |= {"autopause": self.count(1, 3), "pause": self.seconds(40)}
        return own

    def shifts(self) -> list[Tree]:
        """Shifts of the first minutes, with breaks."""
        found: list[Tree] = []
        for last, off in ((10, (3, 5)), (4, (1, 2)), (45, (6, 8))):
            own: Tree = {"works": self.span(0, last), "heads": self.count(1, 3)}
            if self.chance(60):
                own["breaks"] = [f"{self.minute(off[0])}-{self.minute(off[1])}"]
            found.append(own)
        return found[: self.count(1, 3)]

    def extension(self, i: int) -> Tree:
        """An extension, or an outside number; its calls go on to later ones only."""
        own: Tree = {
            "talk": self.law(25), "answers_after": self.law(10), "missed": self.hourly(),
            "busy": self.hourly(), "lines": self.one(1, 1, 2),
        }  # fmt: skip
        if self.trunks and self.chance(50):
            own["trunk"] = self.one(*self.trunks)
        others = self.extensions[i + 1 :]
        if not others or self.chance(40):
            return own
        if self.chance(20):
            return own | {"forward": {"always": self.one(*others)}}
        forward = self.maybe(busy=self.one(*others), no_answer=self.one(*others))
        if self.chance(40):
            forward |= {"outside": self.one("office", "soon"), "outside_to": self.one(*others)}
        return own | ({"forward": forward} if forward else {})

    # --- numbers, callers --------------------------------------------------------------------------

    def rare_number(self) -> Tree:
        """What a number has besides."""
        if not self.has("connects", 60):
            return {}
        return {"connects": {"takes": self.law(5), "fails": self.one("0%", "20%", "60%")}}

    def after(self, numbers: list[str]) -> Tree:
        """Calling again, by cause."""
        found: Tree = {}
        for cause in CAUSES if "causes" in self.features else CAUSES[:5]:
            if not self.chance(60):
                continue
            share = self.one("50%", "100%", "90%")
            found[cause] = share
            if self.has("causes", 50):
                own: Tree = {"share": share} | self.maybe(number=self.one(*numbers))
                own |= {"delay": self.law(40)} if self.chance(50) else {}
                found[cause] = own | ({"attempts": self.count(1, 5)} if self.chance(50) else {})
        return found

    # --- events, the licence -----------------------------------------------------------------------

    def events(self, groups: list[str], numbers: list[str]) -> list[Tree]:
        """Outages, and a slow robot; several at once now and then."""
        found: list[Tree] = []
        failing = ["all", *(f"trunk.{t}" for t in self.trunks), *(f"agents.{g}" for g in groups)]
        failing += [f"number.{n}" for n in numbers]
        for _ in range(self.count(1, 3) if self.has("outages") else 0):
            outage = self.one(*failing)
            own = self.when() | {"outage": outage}
            found.append(own if outage.startswith("number") else own | self.calls())
        for _ in range(self.count(1, 2) if self.has("slow") else 0):
            found.append(self.when() | {"slow": self.one("200%", "50%", "130%")})
        return found

    def calls(self) -> Tree:
        """What becomes of the calls in progress."""
        return {"calls": self.one("cut", "cut", "spared")}

    def when(self) -> Tree:
        """A moment of the first minutes, once or each day, and how long."""
        at = self.start + timedelta(seconds=self.one(0, 30, 60, 120, 125, 200, 290, 400))
        text = f"{at:%Y-%m-%d %H:%M:%S}" if self.chance(70) else f"{at:%H:%M:%S}"
        return {"at": text, "lasts": f"{self.one(1, 30, 60, 180)} s"}

    def licence(self) -> Tree:
        """Two plans, chosen in turn, paid for sooner or later."""
        plans: Tree = {}
        for name in ("small", "large"):
            some = [module for module in MODULES if self.chance(90)]
            plans[name] = {
                "monthly": f"{self.count(0, 5)} RUB", "channels": self.count(1, 25), "modules": some,
            }  # fmt: skip
        modules = {"menu": {"monthly": "1 RUB"}, "line": {"price": "1 RUB", "each": "2 channels"}}
        actions: list[Tree] = [
            {"choose": "large"}, {"buy": "menu"}, {"buy": "line"}, {"stop": True},
            {"breach_notice": True},
        ]  # fmt: skip
        orders = [{"at": self.order_at(0), "choose": "small"}]
        for minute in range(1, 7):
            if self.chance(30):
                orders.append({"at": self.order_at(minute), **self.one(*actions)})
        payments = [{"at": self.order_at(self.count(1, 6)), "amount": f"{self.count(1, 9)} RUB"}]
        return {
            "plans": plans, "modules": modules, "orders": orders,
            "account": {"balance": f"{self.count(3, 30)} RUB", "payments": payments},
        }  # fmt: skip

    def order_at(self, minute: int) -> str:
        """Local time so many minutes after the start."""
        return f"{self.start + timedelta(minutes=minute):%Y-%m-%d %H:%M}"

    def licensed(self, i: int, kind: str) -> Tree:
        """What a node has where there is a licence."""
        if not self.has("licence", 40):
            return {}
        own = self.maybe(unlicensed=self.later(i)) if kind not in ("branch", "round_trip") else {}
        return own | ({"module": self.one("menu", "survey")} if self.chance(20) else {})
