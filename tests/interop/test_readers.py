"""Readers of call logs: rows worked by hand, and the published month when it is at hand."""

import os
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from logs import AT_ONCE, BACKWARDS, CDR, GAVE_UP, HUNG_UP, QUEUE_LOG, WAITED, technion, text

from vpbx.codes import Outcome
from vpbx.interop.calls import instant, wall
from vpbx.interop.read import read_log

REFERENCE = Path(os.environ.get("VPBX_REFERENCE", "../shared/reference"))
JANUARY = REFERENCE / "technion" / "january_1999.csv.gz"
S = 1_000_000


def at(text: str) -> int:
    """The instant of a local time."""
    return instant(datetime.fromisoformat(text))


def test_technion_rows(tmp_path: Path) -> None:
    """Stages of four calls: answered at once, after a wait, given up, hung up in the menus."""
    calls = read_log(technion(tmp_path, AT_ONCE, WAITED, GAVE_UP, HUNG_UP), "technion").calls
    outcomes = [Outcome.ANSWERED, Outcome.ANSWERED, Outcome.ABANDONED, Outcome.ABANDONED_IVR]
    assert calls.outcome.tolist() == outcomes
    assert (calls.wait_us // S).tolist() == [0, 90, 30, -1]
    assert (calls.ivr_us // S).tolist() == [10, 6, 5, 2]
    assert wall(int(calls.answered_at[1])) == "1999-01-03 08:02:35"
    assert ((calls.ended_at - calls.answered_at)[:2] // S).tolist() == [120, 60]


def test_technion_negative_menu_time_is_repaired_openly(tmp_path: Path) -> None:
    """A call whose time in the voice unit is negative stays, without that time, and is told."""
    log = read_log(technion(tmp_path, BACKWARDS, WAITED), "technion")
    assert log.calls.ivr_us[0] == -1
    assert [(note.line, note.refused) for note in log.notes] == [(2, False)]


def test_technion_over_midnight(tmp_path: Path) -> None:
    """A call that enters before midnight and leaves after it is not negative."""
    row = "A,1,0,0,PS,990103,23:59:55,0:00:05,10,0:00:05,0:00:35,30,AGENT,0:00:34,0:01:34,60,A01"
    log = read_log(technion(tmp_path, row), "technion")
    assert not log.notes
    assert wall(int(log.calls.answered_at[0])) == "1999-01-04 00:00:34"


@pytest.mark.skipif(not JANUARY.exists(), reason="the published log is not here")
def test_technion_january() -> None:
    """The counts and means that the month's description states."""
    log = read_log(JANUARY, "technion")
    calls, wait = log.calls, np.maximum(log.calls.wait_us, 0) / S
    assert len(calls.line) == log.n_rows == 31599
    counts = np.bincount(calls.outcome, minlength=17)
    assert counts[Outcome.ANSWERED] == 27060
    assert counts[Outcome.ABANDONED] + counts[Outcome.ABANDONED_IVR] == 4299
    assert counts[Outcome.FAILED] == 240
    waited = wait > 0
    assert waited.sum() == 16905
    assert wait[waited].mean() == pytest.approx(68.368, abs=5e-4)
    assert (calls.outcome[waited] == Outcome.ABANDONED).mean() == pytest.approx(0.18219, abs=5e-6)
    assert wait.mean() == pytest.approx(36.576, abs=5e-4)
    talked = np.where(calls.ended_at >= 0, calls.ended_at - calls.answered_at, 0) / S
    answered = calls.outcome == Outcome.ANSWERED
    assert talked[answered].mean() == pytest.approx(183.452, abs=5e-4)
    assert np.bincount(calls.priority).tolist() == [18224, 4530, 8845]
    assert sum(not note.refused for note in log.notes) == 33


def test_queue_log_events(tmp_path: Path) -> None:
    """Events become visits: answered after 10 s, given up after 30 s, sent away, turned away."""
    log = read_log(text(tmp_path, QUEUE_LOG, "queue_log"), "queue_log", "Europe/Moscow")
    calls = log.calls
    assert [Outcome(o).name for o in calls.outcome] == [
        "ANSWERED", "ABANDONED", "TIMED_OUT", "BLOCKED",
    ]  # fmt: skip
    assert (calls.wait_us // S).tolist() == [10, 30, 40, -1]
    assert int(calls.ended_at[0] - calls.answered_at[0]) == 90 * S
    assert wall(int(calls.arrived_at[0])) == "2024-01-01 11:00:00"  # Moscow is three hours ahead
    assert log.agents == ("SIP/101",)
    assert log.kinds == ("sales", "service")
    assert not log.notes


def test_queue_log_says_what_is_broken(tmp_path: Path) -> None:
    """An answer without an entry, an unknown event, time running backwards, an open call."""
    bad = QUEUE_LOG + (
        "1704096230|c9|sales|SIP/101|CONNECT|1\n"
        "1704096231|c9|sales|SIP/101|DANCE\n"
        "1704096000|c8|sales|NONE|ENTERQUEUE||1|1\n"
        "1704096240|c7|sales|NONE|ENTERQUEUE||1|1\n"
        "170409\n"
    )
    log = read_log(text(tmp_path, bad, "queue_log"), "queue_log")
    told = {note.line: note.message for note in log.notes}
    assert sorted(told) == [10, 11, 12, 13, 14]
    assert "no ENTERQUEUE before" in told[10]
    assert 'unknown event "DANCE"' in told[11]
    assert "out of order" in told[12]
    assert "had not ended" in told[13]
    assert "1 fields" in told[14]


def test_cdr_without_and_with_header(tmp_path: Path) -> None:
    """Master.csv has no header; an export has one; both give the same calls."""
    header = (
        "accountcode,src,dst,dcontext,clid,channel,dstchannel,lastapp,lastdata,calldate,answer,end,"
        "duration,billsec,disposition,amaflags,uniqueid\n"
    )
    plain = read_log(text(tmp_path, CDR), "cdr").calls
    headed = read_log(text(tmp_path, header + CDR), "cdr").calls
    assert (plain.wait_us // S).tolist() == [12, 30, -1]
    assert plain.outcome.tolist() == [Outcome.ANSWERED, Outcome.ABANDONED, Outcome.BLOCKED]
    assert int(plain.ended_at[0] - plain.answered_at[0]) == 60 * S
    assert all(np.array_equal(one, two) for one, two in zip(plain[1:], headed[1:], strict=True))


MAP = """\
columns: {arrived: Start, queued: Queued, answered: Answered, ended: End, outcome: Result,
          type: Skill, agent: Agent, priority: Prio, caller: CLI}
outcomes: {answered: [OK], abandoned: Lost, abandoned_ivr: Menu, other: [Test]}
time: "%d.%m.%Y %H:%M:%S"
"""
CSV = """\
Start;Queued;Answered;End;Result;Skill;Agent;Prio;CLI
01.02.2024 08:00:00;01.02.2024 08:00:10;01.02.2024 08:00:40;01.02.2024 08:02:40;OK;sales;Ann;1;71
01.02.2024 08:01:00;01.02.2024 08:01:05;;01.02.2024 08:01:25;Lost;sales;;;72
01.02.2024 08:02:00;;;01.02.2024 08:02:04;Menu;;;;73
"""


def test_column_map(tmp_path: Path) -> None:
    """Any CSV by a map: times by a pattern, outcomes by the log's own words."""
    form = str(text(tmp_path, MAP, "map.yaml"))
    calls = read_log(text(tmp_path, CSV), form).calls
    assert calls.outcome.tolist() == [
        Outcome.ANSWERED, Outcome.ABANDONED, Outcome.ABANDONED_IVR,
    ]  # fmt: skip
    assert (calls.wait_us // S).tolist() == [30, 20, -1]
    assert (calls.ivr_us // S).tolist() == [10, 5, 4]
    assert calls.priority.tolist() == [1, 0, 0]


def test_column_map_of_durations(tmp_path: Path) -> None:
    """Durations in place of times of day; ISO times with an offset become local."""
    form = text(
        tmp_path,
        "columns: {arrived: at, wait: wait, handle_time: talk, outcome: what, ivr_time: menu}",
        "map.yaml",
    )
    rows = "at,menu,wait,talk,what\n2024-02-01T05:00:00+00:00,5,0:00:12,61.5,answered\n"
    calls = read_log(text(tmp_path, rows), str(form), "Europe/Moscow").calls
    assert wall(int(calls.joined_at[0])) == "2024-02-01 08:00:05"
    assert int(calls.wait_us[0]) == 12 * S
    assert int(calls.ended_at[0] - calls.answered_at[0]) == 61_500_000
