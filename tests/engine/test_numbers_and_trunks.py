"""Numbers and trunks: who may call, who finds a channel, what is held when."""

from pathlib import Path

from timeline import check, run

from vpbx.engine.records import legs

ACCESS = """
numbers:
  "100": {enter: tone, accepts: [own, app], trunk: t}
  "200": {enter: tone, refuses: {own: sorry}, trunk: t}
trunks: {t: {channels: 1}}
flow: {tone: {play: 10 s}, sorry: {play: 4 s, next: bye}, bye: hangup}
callers:
  c: {network: own, wants: {tone: 100%}}
  far: {network: land, wants: {tone: 100%}}
  d: {network: own, dials: {"200": 100%}, wants: {tone: 100%}}
  e: {network: land, dials: {"200": 100%}, wants: {tone: 100%}}
"""


def test_access(tmp_path: Path) -> None:
    """Refused without a word where only some are accepted; with 4 s of announcement where named.

    A refused caller holds no channel: that of 45 is free although a refusal plays from 44.
    """
    made = run(tmp_path, ACCESS, c=[0], far=[20], d=[44], e=[45])
    check(
        made,
        calls_are="""
            class number arrived answered ended goal node outcome
            c     100    0       0        10    tone tone self_served
            far   100    20      -        20    tone -    refused
            d     200    44      -        48    tone bye  refused
            e     200    45      45       55    tone tone self_served""",
    )
    assert made.records.grid.trunk_time.sum() == 20_000_000


TONE = """
numbers: {"100": {enter: tone, trunk: t}}
trunks: {t: {channels: CHANNELS}}
flow: {tone: {play: 90 s}}
callers: {c: {wants: {tone: 100%}}}
"""


def test_blocked_when_no_channel_is_free(tmp_path: Path) -> None:
    """Two channels, each held for 90 s: the third caller hears the busy tone, that of 90 does not."""
    made = run(tmp_path, TONE.replace("CHANNELS", "2"), c=[0, 1, 2, 90])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            0       0        90    tone tone self_served
            1       1        91    tone tone self_served
            2       -        2     tone -    blocked
            90      90       180   tone tone self_served""",
    )
    held = legs(made.records, made.compiled.program.numbers.trunk)
    assert held.call.tolist() == [0, 1, 3]
    assert [
        (int(a) // 10**6, int(b) // 10**6)
        for a, b in zip(held.held_from, held.held_until, strict=True)
    ] == [(0, 90), (1, 91), (90, 180)]
    assert made.records.grid.trunk_peak[0].tolist() == [2]


def test_channels_by_time(tmp_path: Path) -> None:
    """Two channels up to 00:02, one up to 00:04, then two: a shrink cuts nobody, and blocks.

    At 120 both are held still (to 181 and 190): blocked, as at 182 with one held and one there.
    """
    channels = '{"00:00-00:02": 2, "00:02-00:04": 1, "00:04-24:00": 2}'
    made = run(tmp_path, TONE.replace("CHANNELS", channels), c=[91, 100, 120, 182, 190, 239, 240])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            91      91       181   tone tone self_served
            100     100      190   tone tone self_served
            120     -        120   tone -    blocked
            182     -        182   tone -    blocked
            190     190      280   tone tone self_served
            239     -        239   tone -    blocked
            240     240      330   tone tone self_served""",
    )
    available = made.records.grid.channels[0, 0] // 10**6
    assert available == 120 * 2 + 120 * 1 + 60 * 2


def test_the_channel_is_held_through_the_queue_and_after_the_talk(tmp_path: Path) -> None:
    """Greeting 5 s, waiting, talk 10 s, 3 s of good-bye: the second caller holds from 1 to 28."""
    text = """
    numbers: {"100": {enter: hello, trunk: t}}
    trunks: {t: {channels: 9}}
    flow: {hello: {play: 5 s, next: q}, q: {queue: q, next: bye}, bye: {play: 3 s}}
    agents: {g: {serves: {q: {handle_time: 10 s}}, heads: 1}}
    """
    made = run(tmp_path, text, c=[0, 1])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            0       0        18    bye  answered
            1       1        28    bye  answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    5      5    answered 0     0       15   15
            1    6      15   answered 0     0       25   25""",
    )
    assert made.records.grid.trunk_time.sum() == (18 + 27) * 10**6


def test_numbers_may_share_a_trunk(tmp_path: Path) -> None:
    """One channel for two numbers: who calls the second number while the first talks is blocked."""
    text = """
    numbers: {"100": {enter: tone, trunk: t}, "200": {enter: tone, trunk: t}, "300": {enter: tone}}
    trunks: {t: {channels: 1}}
    flow: {tone: {play: 10 s}}
    callers:
      c: {wants: {tone: 100%}}
      d: {wants: {tone: 100%}, dials: {"200": 100%}}
      e: {wants: {tone: 100%}, dials: {"300": 100%}}
    """
    made = run(tmp_path, text, c=[0], d=[5], e=[6])
    check(
        made,
        calls_are="""
            class number arrived answered ended goal node outcome
            c     100    0       0        10    tone tone self_served
            d     200    5       -        5     tone -    blocked
            e     300    6       6        16    tone tone self_served""",
    )
