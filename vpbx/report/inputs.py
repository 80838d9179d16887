"""What a scenario assumes, as tables: callers, agents, queues, lines and the clock.

Belongs here: the scenario's own words in rows. Does not belong here: results (`tables`).
"""

from vpbx.report import words
from vpbx.report.inputs_pbx import more_tables
from vpbx.report.tables import Column, Table
from vpbx.scenario.desks import AgentGroup, Queue, Serves
from vpbx.scenario.models import Scenario
from vpbx.scenario.people import CallerClass, RedialAfter
from vpbx.units import SECOND_US


def input_tables(scenario: Scenario) -> list[Table]:
    """Tables of what the scenario says, those without a row left out."""
    found = [
        _callers(scenario),
        _agents(scenario),
        *more_tables(scenario),
        _queues(scenario),
        _clock(scenario),
    ]
    return [table for table in found if table.rows]


def facts_cited(scenario: Scenario) -> tuple[str, ...]:
    """Ids of all facts that the scenario names, in the order of the file, each once."""
    cited = [
        *(node.facts for node in scenario.flow.values()),
        *(queue.facts for queue in scenario.queues.values()),
        *(group.facts for group in scenario.agents.values()),
        *(callers.facts for callers in scenario.callers.values()),
        *(extension.facts for extension in scenario.extensions.values()),
        *(target.facts for target in scenario.targets),
    ]
    return tuple(dict.fromkeys([*scenario.facts, *(fact for facts in cited for fact in facts)]))


def _heads(*texts: str) -> tuple[Column, ...]:
    return tuple(Column(text, "", False) for text in texts)


def _callers(scenario: Scenario) -> Table:
    heads = (
        "class",
        "first attempts",
        "patience in the queue",
        "know the menu",
        "call again",
        "facts",
    )
    rows = tuple(
        (
            name,
            _volume(callers),
            _patience(callers),
            words.share(callers.knows_menu),
            _redial(callers),
            ", ".join(callers.facts),
        )
        for name, callers in scenario.callers.items()
    )
    return Table("input.callers", "Callers, as assumed", _heads(*heads), rows)


def _patience(callers: CallerClass) -> str:
    usual = "endless" if callers.patience is None else callers.patience.text
    crowded = [f"from {n} waiting on {law.text}" for n, law in callers.crowded.items()]
    return "; ".join((usual, *crowded))


def _volume(callers: CallerClass) -> str:
    if callers.volume is None:
        return "as recorded" if callers.trace else words.NONE
    return f"{words.count(callers.volume)} a day"


def _redial(callers: CallerClass) -> str:
    if callers.redial is None:
        return "never"
    after = ", ".join(_after(cause, given) for cause, given in callers.redial.after.items())
    return f"{after}; in {callers.redial.delay.text}; {callers.redial.attempts} attempts at most"


def _after(cause: str, given: float | RedialAfter) -> str:
    """`60.0 % after blocked`, with what differs for this cause: `(in 1 h, on 200)`."""
    if isinstance(given, float | int):
        return f"{words.share(given)} after {cause.replace('_', ' ')}"
    own = [
        f"in {given.delay.text}" if given.delay else "",
        f"{given.attempts} attempts" if given.attempts else "",
        f"on {given.number}" if given.number else "",
    ]
    differs = ", ".join(text for text in own if text)
    after = f"{words.share(given.share)} after {cause.replace('_', ' ')}"
    return after + (f" ({differs})" if differs else "")


def _agents(scenario: Scenario) -> Table:
    heads = ("group", "queue", "handle time", "wrap-up", "people", "shrinkage", "more", "facts")
    rows = tuple(
        (
            name,
            queue,
            serves.handle_time.text,
            serves.wrap_up.text or "none",
            _people(group),
            words.share(group.shrinkage),
            _serves(serves),
            ", ".join(group.facts),
        )
        for name, group in scenario.agents.items()
        for queue, serves in group.serves.items()
    )
    return Table("input.agents", "Agents, as assumed", _heads(*heads), rows)


def _serves(serves: Serves) -> str:
    """What else there is to say of how a group serves a queue."""
    found = [
        f"penalty {serves.penalty}" if serves.penalty else "",
        f"after {words.duration(serves.after / SECOND_US)}" if serves.after else "",
        f"while more than {serves.spare} are idle" if serves.spare else "",
        f"settles {words.share(serves.settles)}" if serves.settles < 1 else "",
    ]
    return ", ".join(text for text in found if text)


def _people(group: AgentGroup) -> str:
    """`6`, or the least and the most over the week."""
    values = sorted({entry.value for entry in group.people.entries})
    if not values:
        return "0"
    return str(values[0]) if len(values) == 1 else f"{values[0]} to {values[-1]}, by time"


def _queues(scenario: Scenario) -> Table:
    rows = tuple(
        (
            name,
            "no limit" if queue.capacity is None else words.count(queue.capacity),
            queue.strategy.replace("_", " "),
            words.duration(queue.short_abandon / SECOND_US),
            queue_rules(queue),
            ", ".join(queue.facts),
        )
        for name, queue in scenario.queues.items()
    )
    heads = _heads(
        "queue", "room for callers", "who takes the call", "short abandon", "more", "facts"
    )
    return Table("input.queues", "Queues, as assumed", heads, rows)


def queue_rules(queue: Queue) -> str:
    """What else there is to say of a queue."""
    found = [
        f"as {queue.platform} does" if queue.platform else "",
        "" if queue.join_empty else "nobody joins while no agent is there",
        f"a step of priority is worth {words.duration(queue.credit / SECOND_US)}"
        if queue.credit
        else "",
        f"closes with {queue.closes}" if queue.closes else "",
        "those who wait then are sent away" if queue.at_closing == "clear" else "",
        f"weight {queue.weight}" if queue.weight else "",
        *_as_there(queue),
    ]
    return ", ".join(text for text in found if text)


def _as_there(queue: Queue) -> list[str]:
    """What its platform is told of a queue."""
    found = []
    if queue.platform == "asterisk":
        found.append("several callers at once" if queue.autofill else "one caller at a time")
        found.append(f"looks again after {words.duration(queue.retry / SECOND_US)}")
    for rule in queue.penalty_rules:
        limits = (("from", rule.least), ("to", rule.most), ("lifted to", rule.lifts_to))
        text = " ".join(f"{word} {value}" for word, value in limits if value is not None)
        since = f" after {words.duration(rule.after / SECOND_US)}" if rule.after else ""
        found.append(f"penalties {text}{since}")
    if queue.penalty_members_limit:
        found.append(f"penalties count above {queue.penalty_members_limit} agents")
    if queue.tier_rules is not None:
        each = "each level" if queue.tier_rules.multiply_by_level else "all levels"
        found.append(f"{each} after {words.duration(queue.tier_rules.wait / SECOND_US)}")
        found.append("levels without agents at once" if queue.tier_rules.no_agent_no_wait else "")
    if queue.time_base_score == "system":
        found.append("scored from the answer by the system")
    return found


def _clock(scenario: Scenario) -> Table:
    clock = scenario.clock
    at_end = {
        "drain": "calls in the system are worked off; no new first attempts",
        "cut": "calls in the system are cut",
    }
    rows = (
        ("start", f"{clock.start:%Y-%m-%d %H:%M} ({clock.timezone})"),
        ("length", words.span(clock.duration / SECOND_US)),
        ("at the end", at_end[clock.at_end]),
        ("left out at the start", words.duration(clock.warm_up / SECOND_US)),
    )
    return Table("input.clock", "Clock", _heads("what", "value"), rows)
