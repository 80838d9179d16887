"""The story of a call: local clock times, and the ways it took in the scenario's own words."""

from datetime import datetime
from types import SimpleNamespace

import pytest

import vpbx
from vpbx.study.story import local_clock, story

SCENARIO = """
name: A line with branches
clock: {start: 2019-04-15 09:00, duration: 1 h, timezone: Europe/Moscow}
hours: {office: mon-fri 09:00-18:00}
numbers: {"100": {enter: reception}}
flow:
  reception: {branch: [{open: office, next: where_from}], otherwise: closed}
  where_from: {branch: [{network: [mts_roaming], next: menu}], otherwise: closed}
  menu:
    menu:
      "2": {says: mobile, at: 4 s, next: state}
      "3": {next: closed}
    length: 6 s
    reaction: 1 s
    barge_in: yes
  state:
    branch:
      - {when: support.expected_wait > 5 min, next: closed}
      - {when: support.queue_length <= 3, next: agent}
    otherwise: closed
  agent: {queue: support, next: closed}
  closed: hangup
queues: {support: {}}
agents: {team: {serves: {support: {handle_time: 60 s, wrap_up: 10 s}}, heads: 1}}
callers:
  roaming:
    network: mts_roaming
    trace: {file: calls.csv, dither: no}
    dials: {"100": 100%}
    wants: {agent: 100%}
"""


def clock(start, zone):
    """Text of simulated instants of a clock with this start."""
    at = SimpleNamespace(start=datetime.fromisoformat(start), timezone=zone)
    return local_clock(SimpleNamespace(clock=at))


def test_a_call_is_told_in_the_words_of_the_scenario(tmp_path):
    """One call at 09:10: 5 s in the menu, answered at once, a minute of talk."""
    (tmp_path / "calls.csv").write_text("arrived\n2019-04-15 09:10:00\n", encoding="utf-8")
    file = tmp_path / "line.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    day = "Mon 15 Apr 2019"
    assert story(vpbx.load(file), "0") == [
        "call 0: roaming/0/0, first attempt, wants agent",
        f"{day} 09:10:00.000  dials 100",
        f"{day} 09:10:00.000  reception: open: office, to where_from",
        f"{day} 09:10:00.000  where_from: network: mts_roaming, to menu",
        f"{day} 09:10:05.000  menu: presses 2 (mobile) after 5 s, to state",
        f"{day} 09:10:05.000  state: support.queue_length <= 3, to agent",
        f"{day} 09:10:05.000  joins queue support behind 0 waiting",
        f"{day} 09:10:05.000  answered by agent 1 of team, idle since 10 min 05 s",
        f"{day} 09:11:05.000  the talk ends; the agent writes up for 10 s",
        f"{day} 09:11:05.000  agent: served after 1 min, to closed",
        f"{day} 09:11:05.000  closed: the system hangs up",
        f"{day} 09:11:05.000  ends: answered",
    ]


@pytest.mark.parametrize(
    ("start", "seconds", "text"),
    [
        ("2019-04-15 00:00", 7 * 3600 + 21 * 60 + 4.123, "Mon 15 Apr 2019 07:21:04.123"),
        ("2019-12-31 23:59", 60.0, "Wed 1 Jan 2020 00:00:00.000"),
        # clocks jump from 02:00 to 03:00, and fall back from 03:00 to 02:00
        ("2024-03-31 01:00", 3600.0, "Sun 31 Mar 2024 03:00:00.000"),
        ("2024-10-27 00:00", 4 * 3600.0, "Sun 27 Oct 2024 03:00:00.000"),
    ],
)
def test_instants_are_local(start, seconds, text):
    """Berlin's clocks show this."""
    assert clock(start, "Europe/Berlin")(round(seconds * 1_000_000)) == text
