"""Talks that are recorded while the licence has the module for it (M20, S8, V4)."""

from pathlib import Path

from timeline import check, run

from vpbx.api import check as problems_of
from vpbx.measures.result import Meta
from vpbx.measures.scenario_frame import scenario_frame
from vpbx.measures.summarise import summarise
from vpbx.measures.tally import tally
from vpbx.scenario.load import load

OFFICE = """
clock: {duration: 1 day}
flow: {q: {queue: q, recorded: yes}}
agents: {g: {serves: {q: {handle_time: 100 s}}, heads: 2}}
"""
LICENCE = """
licence:
  plans: {start: {monthly: 0 RUB, channels: 9, modules: [queue]}}
  modules: {recording: {monthly: 0 RUB}}
  orders: [{at: day -1, accept: yes}, {at: day -1, choose: start}, {at: day 0 00:01, buy: recording}]
"""


def test_a_talk_is_recorded_from_the_purchase_on(tmp_path: Path) -> None:
    """Recording is bought at 60 s: the talk that begins at 0 s is not recorded, that of 70 s is."""
    of = run(tmp_path, OFFICE + LICENCE, c=(0, 70))
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        100   q    answered
        70      70       170   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        0    answered 0       0      0    100  100  0
        1    answered 0       70     70   170  170  1
        """,
    )
    assert _recorded(of.compiled, of.records, tmp_path) == {
        "recorded": 1,
        "recorded_time": 100,
        "unrecorded": 1,
    }


def test_without_a_licence_all_is_recorded(tmp_path: Path) -> None:
    """Both talks, 200 s in all."""
    of = run(tmp_path, OFFICE, c=(0, 70))
    assert _recorded(of.compiled, of.records, tmp_path) == {
        "recorded": 2,
        "recorded_time": 200,
        "unrecorded": 0,
    }


def test_recording_that_nobody_sells(tmp_path: Path) -> None:
    """A warning at the node."""
    of = LICENCE.replace("  modules: {recording: {monthly: 0 RUB}}\n", "").replace(
        ", {at: day 0 00:01, buy: recording}", ""
    )
    run(tmp_path, OFFICE + of, c=(0,))
    found = [p for p in problems_of(tmp_path / "scenario.yaml") if p.path == "flow.q"]
    assert [p.kind for p in found] == ["not-sold"]


META = Meta(
    name="office",
    description="",
    file="",
    version="",
    seed=1,
    replications=1,
    start="2019-04-15 00:00",
    timezone="UTC",
    duration_s=86_400,
    interval_s=1800,
)


def _recorded(compiled, records, folder: Path) -> dict[str, float]:  # type: ignore[no-untyped-def]
    fr = scenario_frame(load(folder / "scenario.yaml").scenario, compiled)
    found = summarise([tally(records, fr)], fr, compiled.names, META).totals["queue.q"]
    return {name: found[name].mean for name in ("recorded", "recorded_time", "unrecorded")}
