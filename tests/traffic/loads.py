"""Small scenarios for tests of traffic and calendars: a text with the callers, compiled."""

import itertools
from pathlib import Path

from vpbx.program.compile import Compiled, compile_scenario
from vpbx.scenario.load import load_text
from vpbx.traffic.profile import CumulativeRate

HOUR = 3_600_000_000

_REST = """
name: load
numbers: {"100": {enter: bye}, "200": {enter: bye}}
flow: {bye: hangup, tone: {play: 1 s}}
"""


def compiled(text: str, folder: Path = Path()) -> Compiled:
    """The scenario, with numbers 100 and 200 and a flow that hangs up."""
    loaded = load_text(_REST + text, str(folder / "scenario.yaml"))
    return compile_scenario(loaded.scenario, folder)


def one_class(keys: str, *, clock: str = "", rest: str = "", folder: Path = Path()) -> Compiled:
    """A class `c` with these keys; the clock starts on Monday 2019-04-15 unless it says otherwise."""
    clock = clock or 'start: "2019-04-15 00:00", duration: 1 day'
    callers = f'callers: {{c: {{dials: {{"100": 100%}}, {keys}}}}}'
    return compiled(f"clock: {{{clock}}}\n{callers}\n{rest}", folder)


def totals(made: Compiled, caller_class: int = 0) -> list[float]:
    """Expected first attempts of each day."""
    return [round(float(r.expected[-1]), 6) for r in made.load.classes[caller_class].rates]


def by_hour(rate: CumulativeRate) -> list[float]:
    """Expected first attempts in each hour from the first point on."""
    first, last = int(rate.at[0]), int(rate.at[-1])
    edges = range(first, last + 1, HOUR)
    levels = [at_instant(rate, at) for at in edges]
    return [round(b - a, 6) for a, b in itertools.pairwise(levels)]


def at_instant(rate: CumulativeRate, at: int) -> float:
    """Expected first attempts up to an instant, linear between the points."""
    place = max(int((rate.at <= at).sum()) - 1, 0)
    if place >= len(rate.at) - 1:
        return float(rate.expected[-1])
    part = (at - rate.at[place]) / (rate.at[place + 1] - rate.at[place])
    return float(rate.expected[place] + part * (rate.expected[place + 1] - rate.expected[place]))
