"""A licence's channels bound all calls, whatever number they come by, with a trunk or without."""

from pathlib import Path

from timeline import check, run

LICENCE = """
    licence:
      plans: {start: {monthly: 0 RUB, channels: 2, modules: [greeting, forwarding]}}
      orders: [{at: day -1, accept: yes}, {at: day -1, choose: start}]
"""


def test_numbers_without_a_trunk_share_the_licensed_channels(tmp_path: Path) -> None:
    """Two channels, held by the calls of 0 s and 5 s until 40 s and 45 s on two numbers: the call of
    10 s is blocked on either, that of 40 s finds the first channel free again."""
    text = f"""
    numbers: {{"100": {{enter: talk}}, "200": {{enter: talk}}}}
    flow: {{talk: {{play: 40 s}}}}
    callers: {{c: {{dials: {{"100": 100%}}}}, d: {{dials: {{"200": 100%}}}}}}
{LICENCE}"""
    made = run(tmp_path, text, c=(0, 10, 40), d=(5, 12))
    check(
        made,
        calls_are="""
        arrived answered ended class number node outcome
        0       0        40    c     100    talk lost
        5       5        45    d     200    talk lost
        10      -        10    c     100    -    blocked
        12      -        12    d     200    -    blocked
        40      40       80    c     100    talk lost
        """,
    )
    assert made.compiled.names.trunks == ("licensed_lines",)
    grid = made.records.grid
    assert grid.trunk_time.sum() == 120_000_000
    assert grid.trunk_peak.max() == 2


def test_an_outside_leg_without_a_trunk_takes_a_licensed_channel(tmp_path: Path) -> None:
    """A forwarded call holds two of the two: a second call is blocked until the first ends (V1)."""
    text = f"""
    numbers: {{"100": {{enter: office}}}}
    flow: {{office: {{ring: {{legs: [mobile]}}}}}}
    extensions: {{mobile: {{talk: 30 s, answers_after: 5 s, number: "+7-900-000-0000"}}}}
    {LICENCE}"""
    made = run(tmp_path, text, c=(0, 20, 36))
    check(
        made,
        calls_are="""
        arrived answered ended node   outcome
        0       0        35    office forwarded
        20      -        20    -      blocked
        36      36       71    office forwarded
        """,
    )
    legs = made.records.extra_legs
    assert [
        (int(t), int(a) // 1_000_000) for t, a in zip(legs.trunk, legs.held_from, strict=True)
    ] == [
        (0, 0),
        (0, 36),
    ]
