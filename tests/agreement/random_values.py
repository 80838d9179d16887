"""Random values for random scenarios: choices, durations, laws, shares, time tables.

Belongs here: what any part of a scenario is made of. Does not belong here: parts of scenarios
(`random_parts`, `random_scenarios`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

Tree = dict[str, Any]
STARTS = (
    "2019-04-15 00:00", "2024-03-30 22:00", "2024-10-26 20:00", "2024-03-09 23:00",
    "2024-11-02 21:00", "2024-12-31 12:00",
)  # fmt: skip
"""An ordinary Monday, and nights in which clocks are put forward or back."""
FEATURES = (
    "phones", "ring_all", "overflow", "spare", "settles", "first_free", "at_once", "shifts", "credit",
    "keep_place", "holds", "closing", "join_empty", "limits", "crowds", "announce", "offers", "ring",
    "voicemail", "asking", "by_share", "connects", "causes", "outages", "slow", "licence", "platform",
)  # fmt: skip
"""What a scenario may leave out, each as a whole."""


class Values:
    """Draws values; knows when the run starts and which features the scenario has."""

    def __init__(self, random: Random, plain: bool = False) -> None:
        self.random = random
        self.whole = self.chance(50)
        self.start = datetime.fromisoformat(self.one(*STARTS))
        kinds = "plain" if plain else self.one("plain", "few", "half", "half", "most", "most")
        percent = {"plain": 0, "few": 12, "half": 45, "most": 80}[kinds]
        self.features = {name for name in FEATURES if self.chance(percent)}
        if self.chance(60):
            self.features.discard("licence")  # it turns many calls away

    def one(self, *choices: Any) -> Any:
        """One of them."""
        return self.random.choice(choices)

    def some(self, choices: Sequence[Any], least: int, most: int) -> list[Any]:
        """Some of them, each once, in any order."""
        return self.random.sample(choices, min(len(choices), self.count(least, most)))

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred."""
        return self.random.randrange(100) < percent

    def has(self, feature: str, percent: int = 100) -> bool:
        """Whether the scenario has a feature and uses it here."""
        assert feature in FEATURES
        return feature in self.features and self.chance(percent)

    def count(self, low: int, high: int) -> int:
        """A whole number."""
        return self.random.randint(low, high)

    def seconds(self, high: int, low: int = 0) -> str:
        """A duration."""
        if self.whole:
            return f"{self.count(low, high)} s"
        return f"{self.count(max(1, 1000 * low) if low else 0, 1000 * high)} ms"

    def law(self, high: int) -> str:
        """A law of durations; whole seconds where everything is in whole seconds."""
        if self.whole:
            return f"{self.count(0, high)} s"
        mean = self.count(1, 1000 * high)
        return str(
            self.one(
                f"{mean} ms",
                f"exponential(mean={mean} ms)",
                f"lognormal(mean={mean} ms, cv=1.3)",
                f"gamma(mean={mean} ms, cv=0.7)",
                f"erlang(mean={mean} ms, k=2)",
                f"weibull(mean={mean} ms, cv=1.5)",
                f"uniform({mean // 2} ms, {mean} ms)",
                f"hyperexponential(mean={mean} ms, cv=2)",
            )
        )

    def law_within(self, high: int, limit: str) -> tuple[str, str]:
        """A law, and a limit that it does not always exceed."""
        return self.law(high), f"{self.count(high, 2 * high)} s" if self.chance(70) else limit

    def share(self) -> str:
        """A share, the ends among them."""
        return f"{self.one(0, 10, 30, 50, 80, 100)}%"

    def some_share(self) -> str:
        """A share, more than nothing."""
        return f"{self.one(20, 50, 80, 100)}%"

    def minute(self, after: int) -> str:
        """Local time so many minutes after the start."""
        return f"{self.start + timedelta(minutes=after):%H:%M}"

    def span(self, first: int, last: int) -> str:
        """Local time of every day from and to so many minutes after the start."""
        return f"daily {self.minute(first)}-{self.minute(last)}"

    def heads(self, high: int) -> Any:
        """A time table that changes within the first minutes, at midnight, or never."""
        kind = self.count(0, 4)
        if kind == 0:
            return self.count(0, high)
        if kind == 1:
            return [self.count(0, high) for _ in range(24)]
        edges = [self.minute(m) for m in (0, 1, 2, 4, 7, 59)]
        if kind == 2:
            edges = ["00:00", "02:00", "02:30", "03:00", "23:00", "24:00"]
        table = {f"{a}-{b}": self.count(0, high) for a, b in pairwise(edges) if self.chance(80)}
        return table or high

    def hourly(self) -> Any:
        """A share, constant or by time."""
        if self.chance(60):
            return self.one("0%", "0%", "20%", "60%")
        return {f"{self.minute(a)}-{self.minute(b)}": self.share() for a, b in ((0, 2), (2, 5))}
