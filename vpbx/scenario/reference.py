"""The language reference, written out from the models: a section a model, a row a key.

Belongs here: Markdown, and the page's words on the grammars of values. Does not belong here: the
JSON Schema (`schema`).
"""

from pydantic import BaseModel

from vpbx.scenario import hours, shape, targets
from vpbx.scenario.check_flow import COMMON, KEYS_OF, KINDS
from vpbx.scenario.conditions import STATES
from vpbx.scenario.desks import AgentGroup
from vpbx.scenario.models import Scenario
from vpbx.scenario.people import CallerClass
from vpbx.scenario.platforms import PLATFORMS
from vpbx.scenario.shape import Shape

_TYPES = {
    "law": "[distribution](#distributions)",
    "heads": "[time table](#time-tables)",
    "hours": "[opening hours](#opening-hours)",
    "duration": "[duration](#durations)",
    "rate": "[rate](#rates)",
    "share": "[share](#shares-and-factors)",
    "factor": "[factor](#shares-and-factors)",
    "shares": "[share](#shares-and-factors) or [time table](#time-tables)",
    "wage": "[wage](#money)",
    "money": "[money](#money)",
    "price": "[money](#money)",
    "outage": "`trunk.`name, `agents.`name, `number.`number, `all`",
    "flag": "yes / no",
    "condition": "[condition](#branch-conditions)",
    "moment": "date and time, or time",
    "target": "[target](#targets)",
    "text": "text",
    "whole": "whole number",
    "number": "number",
    "date": "date",
    "instant": "date and time",
}

_EXTENDS_ROW = "| `extends` | text |  | the sibling whose keys hold where none is given here |"


def markdown() -> str:
    """The language reference as one Markdown page."""
    sections = (_section(model) for model in _models())
    parts = [_OPENING, *sections, _kinds(), _grammars(), _platforms(), _VARIANTS]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _models() -> list[type[BaseModel]]:
    """All models, each followed by those that it holds."""
    found: list[type[BaseModel]] = []
    _collect(Scenario, found)
    return found


def _collect(model: type[BaseModel], found: list[type[BaseModel]]) -> None:
    if model in found:
        return
    found.append(model)
    for key in shape.fields(model):
        due = shape.field_shape(model, key)
        while due is not None:
            for inner in due.models():
                _collect(inner, found)
            due = due.inner


def _section(model: type[BaseModel]) -> str:
    rows = [_row(model, key) for key in shape.fields(model)]
    if model in (CallerClass, AgentGroup):
        rows.insert(
            0, "| `extends` | text |  | the sibling whose keys hold where none is given here |"
        )
    head = ["| key | type | default | meaning |", "|---|---|---|---|"]
    return "\n".join(
        [f"## {title(model)}", "", " ".join((model.__doc__ or "").split()), "", *head, *rows]
    )


def _row(model: type[BaseModel], key: str) -> str:
    info, due = shape.fields(model)[key], shape.field_shape(model, key)
    meaning = info.description or (due.models()[0].__doc__ or "" if due and due.models() else "")
    cells = [f"`{key}`", _type(due), _default(model, key), " ".join(meaning.split())]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(model: type[BaseModel], key: str) -> str:
    if shape.fields(model)[key].is_required():
        return "**required**"
    written = shape.default(model, key)
    if written is None:
        return ""
    if isinstance(written, bool):
        return "yes" if written else "no"
    return ", ".join(map(str, written)) if isinstance(written, list) else str(written)


def _type(due: Shape | None) -> str:
    """What is due, for the table."""
    if due is None or due.kind in ("words", "either"):
        return _one_of(due)
    if due.model is not None:
        return f"[{title(due.model)}](#{title(due.model).lower().replace(' ', '-')})"
    if due.kind == "list":
        return f"{'one or a ' if due.shorthand else ''}list of {_type(due.inner)}"
    if due.kind == "map":
        return f"{_key_type(due.key)} → {_type(due.inner)}"
    return "keys of a telephone" if due.pattern else _TYPES[due.kind]


def _one_of(due: Shape | None) -> str:
    if due is None:
        return ""
    if due.either:
        return " or ".join(_type(other) for other in due.either)
    return "yes" if due.words == ("True",) else ", ".join(f"`{word}`" for word in due.words)


def _key_type(due: Shape | None) -> str:
    if due is not None and due.words:
        return " / ".join(due.words)
    if due is not None and due.kind in ("duration", "whole"):
        return _TYPES[due.kind]
    if due is not None and due.pattern.startswith("^[+"):
        return "phone number"
    return "key" if due is not None and due.pattern == "^[0-9*#]$" else "name"


def title(model: type[BaseModel]) -> str:
    """A model's name as words: CallerClass → Caller class."""
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in model.__name__).split()
    return " ".join(words).capitalize()


def _grammars() -> str:
    aims = "\n".join(_aim_row(name, aim) for name, aim in targets.AIMS.items())
    states = ", ".join(f"`{name}`" for name in STATES)
    definitions = ", ".join(f"`{name}`" for name in targets.DEFINITIONS)
    return _GRAMMARS.format(aims=aims, states=states, definitions=definitions, most=hours.MOST)


def _kinds() -> str:
    """The kinds of nodes: an example of each, and the keys that go with it."""
    rows = [
        f"| `{kind}` | `{_EXAMPLES[kind]}` | {', '.join(f'`{key}`' for key in sorted(KEYS_OF[kind]))} |"
        for kind in KINDS
    ]
    common = ", ".join(f"`{key}`" for key in sorted(COMMON))
    head = ["| kind | example | keys that go with it |", "|---|---|---|"]
    return "\n".join([f"## Kinds of nodes\n\nWith every kind go {common}.\n", *head, *rows])


_EXAMPLES = {
    "play": "{play: 12 s, barge_in: yes, next: menu}",
    "menu": "{menu: {1: {says: sales, at: 3 s, next: sales}}, no_input: {then: bye}}",
    "self_service": "{self_service: {takes: 25 s, settles: 95%}, next: bye, otherwise: line}",
    "branch": "{branch: [{closed: office, next: box}, {share: 10%, next: survey}], otherwise: line}",
    "queue": "{queue: support, max_wait: 10 min, timed_out: box, next: survey}",
    "identify": "{identify: {takes: 20 s, passes: 90%}, next: line, otherwise: bye}",
    "survey": "{survey: {takes: 15 s, taken_by: 30%}, next: bye}",
    "ring": "{ring: {legs: [front, back], mode: one_by_one}, next: bye, otherwise: box}",
    "voicemail": "{voicemail: {takes: 30 s, queue: messages, capacity: 20}, full: bye}",
    "round_trip": "{round_trip: exponential(mean=5 h), next: letters}",
    "hangup": "hangup",
}


def _platforms() -> str:
    """What each platform sets, how it serves, and what is not its own."""
    parts = [_PLATFORMS]
    for name, platform in PLATFORMS.items():
        said, order, differs = (
            "\n".join(f"* {line}" for line in lines)
            for lines in (platform.said, platform.order, platform.differs)
        )
        rows = "\n".join(f"| {key} | {text} |" for key, text in platform.strategies.items())
        parts.append(
            f"### {_SYSTEMS[name]}\n{said}\n\n| strategy | which agent |\n|---|---|\n{rows}\n\n"
            f"{_ORDER}\n\n{order}\n\n{_DIFFERS}\n\n{differs}"
        )
    return "\n\n".join(part.strip() for part in parts)


_SYSTEMS = {"asterisk": "Asterisk", "freeswitch": "FreeSWITCH"}
_ORDER = "Its order of service, where it is not our own:"
_DIFFERS = "What is not as there all the same:"
_PLATFORMS = """
## Platforms

`platform: asterisk` or `platform: freeswitch` at a queue makes its calls find agents by that system's
order of service, and sets that system's defaults wherever the scenario gives nothing: at the queue, at
how groups serve it, and at the phones of the groups that serve it. A key that is given holds. A group
serves queues of one platform only.
"""


def _aim_row(name: str, aim: targets.Aim) -> str:
    return f"| `{name}` | {aim.kind} | {', '.join(scope or 'all calls' for scope in aim.scopes)} |"


_OPENING = """
# The scenario language

One YAML file describes a phone system and its load. Unknown keys are refused. Keys are read
exactly as written (`0605`, `on` and `no` are texts as keys); a value of `yes`, `no`, `true` or
`false` is a yes/no value unless it is in quotes. A file is UTF-8, at most 4 MB, nested at most 40
levels, and holds one document.
"""

_GRAMMARS = """
## Values

### Durations
`20 s`, `4 min`, `1 h 30 min`, `1 day`, `2 weeks`, `250 ms`. A number without a unit is an error,
except `0`.

### Rates
`2400/day`, `90/h`, `5/min`.

### Shares and factors
A share is `35%` or `0.35`, from 0 to 1. A factor may be more than 1: `180%` or `1.8`.

### Money
`500 RUB`: an amount and the three letters of a currency. A wage is money an hour: `450 RUB/h`.

### Times of orders
`day 4`, `day 4 12:30`: a day counted from the licence's day 0 (`day -30` lies before it), at
midnight or at a local time; or a date, `2024-03-04`, `2024-03-04 11:00`.

### Distributions
| text | distribution of a duration |
|---|---|
| `4 min` | always 4 min |
| `exponential(mean=4 min)` | exponential |
| `lognormal(mean=4 min, cv=1.1)` | lognormal; cv is standard deviation / mean |
| `gamma(mean=4 min, cv=0.8)` | gamma |
| `erlang(mean=4 min, k=3)` | sum of k exponential phases |
| `weibull(mean=4 min, cv=1.5)` | Weibull |
| `hyperexponential(mean=4 min, cv=2)` | mixture of two exponentials, balanced means |
| `hyperexponential(30%: 2 min, 70%: 10 min)` | mixture of exponentials with these means |
| `uniform(10 s, 30 s)` | anything between, equally likely |
| `empirical(file.csv)` | as the durations in the file, found beside the scenario |

### Time tables
A number for all of the time; a table such as `{{mon-fri 09:00-18:00: 12, sat 10:00-16:00: 4}}`, 0
where it says nothing; or a list of 24, 48 or 96 values for each day. Values are whole numbers up
to {most}. Days are `mon` … `sun`, ranges `mon-fri`, or `daily`; a stretch may pass midnight
(`22:00-06:00`); stretches must not overlap.

### Opening hours
`mon-fri 09:00-18:00, sat 10:00-15:00`, or a list of such texts.

### Branch conditions
`queue.state relation value`: `support.expected_wait > 5 min`. States are {states}; relations
`<`, `<=`, `>`, `>=`. An expected wait is compared with a duration, the others with a whole number.

### Targets
`scope.measure condition`, or `{{text: fact}}` with the ids of the facts behind it. The scope is
the name of a queue, agent group, caller class, number or trunk (`queue.support` where the bare
name is not clear), or left out for all calls. Conditions: `= 20 min ± 20%`, `> 30`, `>= 30`, `<
5%`, `<= 1 min`, `in 5 min .. 40 min`; for `busy_hour` also `in 16:00-20:00`. `by hour` after the
measure asks it of every hour. Definitions of `service_level(definition, 20 s)` are {definitions}.

| measure | value | of |
|---|---|---|
{aims}
"""

_VARIANTS = """
## Variants

`extends: other.yaml` at the top makes a file a variant of another one (found beside it; chains
are fine). Mappings are merged key by key, the variant wins; lists and time tables are replaced; a
key set to nothing (`~`) is taken away. `extends: sibling` in an entry of `callers` or `agents`
takes over the sibling's keys, each as a whole.

`set: {agents.tier1.heads: 14, callers.prepaid.volume: 120%}` changes values by their dotted path,
after merging; `--set path=value` on the command line does the same after that. A key with dots in
it may be put in quotes (`numbers."8.800".trunk`); items of lists go by their place from 0
(`events.0.volume`). A percentage set on a quantity that is not itself a share or factor is taken
of the value that was there: `2400/day` → `2880/day`, 5 → 6, every number of a table or list;
numbers of people and lines are rounded, halves up. Of a distribution the durations are multiplied
and the shape (cv, k) stays.
"""
