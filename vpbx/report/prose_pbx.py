"""Sentences on what a PBX does beyond queues: call-backs, messages, calls that the licence costs.

Belongs here: figures → sentences, "" where there is nothing to say. Does not belong here: queues and
targets (`prose`), number formats (`words`).
"""

from vpbx.measures.result import Result
from vpbx.report import keys, words


def _mean(result: Result, scope: str, name: str) -> float:
    """A figure of the whole run; 0 where there is none."""
    found = keys.total(result, scope, name)
    return found.mean if found is not None and found.mean > 0 else 0.0


def callbacks_text(result: Result, scope: str) -> str:
    """How many want to be called back, and when they are."""
    asked, done = (_mean(result, scope, name) for name in ("callbacks", "callback_done"))
    if not asked:
        return ""
    after = words.duration(_mean(result, scope, "callback_wait"))
    when = f" after {after} on average" if done else ""
    return (
        f"{words.count(asked)} callers hang up to be called back; {words.count(done)} of them are "
        f"reached{when}."
    )


def messages_text(result: Result, scope: str) -> str:
    """How many messages wait for the queue's agents, and how long."""
    left, handled = (_mean(result, scope, name) for name in ("messages", "messages_handled"))
    if not left:
        return ""
    after = words.duration(_mean(result, scope, "message_wait"))
    when = f", on average after {after}" if handled else ""
    return (
        f"Queue {words.scope_name(scope)}: of {words.count(left)} messages agents see to "
        f"{words.count(handled)}{when}."
    )


def licence_text(result: Result) -> str:
    """How many calls the licence costs."""
    causes = (
        ("suspended", "while it was suspended"),
        ("refused_for_licence", "for want of licensed channels"),
        ("unlicensed", "for want of a module"),
    )
    lost = [
        f"{words.count(n)} {said}" for name, said in causes if (n := _mean(result, "all", name))
    ]
    return f"The licence costs calls: {', '.join(lost)}." if lost else ""
