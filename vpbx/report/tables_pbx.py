"""Tables of what a PBX does beyond queues and menus: every way a call ends, offers, licence.

Belongs here: which figures stand in them. Does not belong here: the usual tables (`tables`). All are
empty, and so left out, where a scenario has nothing of the kind.
"""

from vpbx.measures.register import measure
from vpbx.measures.result import Result
from vpbx.report import keys, words
from vpbx.report.tables import Column, Table, measures_table

OUTCOME_WORDS = {
    "answered": "answered by an agent",
    "self_served": "settled by the robot",
    "forwarded": "extension, or another number",
    "voicemail": "left a message",
    "callback_done": "called back",
    "callback_failed": "called back in vain",
    "abandoned": "gave up waiting",
    "abandoned_ivr": "gave up in menus",
    "balked": "hung up on hearing the wait",
    "timed_out": "longest wait over",
    "blocked": "busy tone",
    "refused": "network not served",
    "suspended": "licence suspended",
    "failed": "no connection, or outage",
    "lost": "the flow hung up",
    "cleared": "sent away at closing",
    "cut": "cut off at the end of the run",
}
"""How a call ends, in words; served first, then lost."""

SERVED = ("answered", "self_served", "forwarded", "voicemail", "callback_done")

_CALLS = {
    "abandoned": "abandoned_calls", "abandoned_ivr": "abandoned_ivr_calls", "blocked": "blocked_calls",
}  # fmt: skip
_OFFERS = (
    *("elsewhere", "callbacks", "callback_done", "callback_failed", "callback_wait", "paid_skips"),
    *("skip_revenue", "messages", "messages_handled", "message_wait", "nobody_there"),
)
_LOST_TO_LICENCE = (
    ("suspended", "calls that came while the licence was suspended"),
    ("refused_for_licence", "busy tone: more calls than licensed channels"),
    ("unlicensed", "busy tone at a node whose module was not licensed"),
    ("unlicensed_way", "sent another way round a module that was not licensed"),
    ("failed", "no connection, or cut off by an outage"),
)


def calls_ended(outcome: str) -> str:
    """The measure that counts calls of an outcome."""
    return _CALLS.get(outcome, outcome)


def outcome_table(result: Result) -> Table:
    """Every way a call ended: calls, their share, callers whose last attempt it was, redials after."""
    offered = keys.total(result, "all", keys.OFFERED)
    rows = []
    for outcome, said in OUTCOME_WORDS.items():
        calls = keys.total(result, "all", calls_ended(outcome))
        if calls is None or offered is None or not calls.mean > 0:
            continue
        rows.append(
            (
                said,
                words.estimate(calls, "calls"),
                words.share(calls.mean / offered.mean),
                words.estimate(keys.total(result, "all", f"callers_{outcome}"), "callers"),
                words.estimate(keys.total(result, "all", f"redials_after_{outcome}"), "calls"),
            )
        )
    columns = (
        Column("how calls ended", numeric=False),
        Column("calls", "attempts that ended so"),
        Column("of all calls"),
        Column("callers", "callers whose last attempt ended so"),
        Column("called again", "redials of callers whose attempt before ended so"),
    )
    return Table("outcomes", "How calls ended", columns, tuple(rows))


def offers_table(result: Result) -> Table:
    """Offers taken, call-backs and messages, a row a queue that has any."""
    scopes = [
        scope
        for scope in keys.scopes(result, "queue")
        if any((value := keys.total(result, scope, n)) and value.mean > 0 for n in _OFFERS)
    ]
    return measures_table(result, "offers", "Offers, call-backs and messages", scopes, _OFFERS)


def licence_table(result: Result) -> Table:
    """Calls lost to each cause that the licence, or an outage, accounts for."""
    shown = [(n, said, keys.total(result, "all", n)) for n, said in _LOST_TO_LICENCE]
    if all(value is None for name, _, value in shown if name != "failed"):
        return Table("licence.calls", "", (), ())
    offered = keys.total(result, "all", keys.OFFERED)
    whole = offered.mean if offered is not None else float("nan")
    columns = (
        Column("what happened", numeric=False),
        Column("calls"),
        Column("of all calls"),
        Column("how it is counted", numeric=False),
    )
    rows = tuple(
        (said, words.estimate(value, "calls"), words.share(value.mean / whole), measure(n).formula)
        for n, said, value in shown
        if value is not None
    )
    return Table("licence.calls", "Calls that the licence or an outage cost", columns, rows)


def money_table(result: Result) -> Table:
    """What the run cost and brought, apart from the licence's own account."""
    currency = result.meta.currency
    rows = []
    for scope, name in (("all", "cost"), ("all", "skip_revenue"), ("all", "charge")):
        value = keys.total(result, scope, name)
        if value is not None and value.mean > 0:
            rows.append((_MONEY[name], words.estimate(value, "money"), measure(name).formula))
    columns = (
        Column("money", numeric=False),
        Column(f"amount ({currency})" if currency else "amount"),
        Column("formula", numeric=False),
    )
    return Table("money", "Money", columns, tuple(rows) if len(rows) > 1 else ())


_MONEY = {
    "cost": "staff",
    "skip_revenue": "places further ahead, sold to callers",
    "charge": "paid by callers to their networks",
}


def counted_outcomes(result: Result) -> list[str]:
    """Outcomes that occurred, served first."""
    found = []
    for outcome in OUTCOME_WORDS:
        series = keys.series(result, "all", calls_ended(outcome))
        if series is not None and float(series.mean[series.mean > 0].sum()) > 0:
            found.append(outcome)
    return found
