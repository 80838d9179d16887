"""`vpbx erlang`: Erlang B, C, A and X at the command line, both ways."""

from math import inf, isinf
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vpbx.cli.say import columns, out

if TYPE_CHECKING:
    from vpbx.measures.theory_agents import Answer, Goals, Question

_AROUND = 2
"""Agents fewer and more than the least that a table shows beside it."""
_MOST_ROWS = 200


def erlang(
    model: Annotated[
        str, typer.Argument(metavar="b|c|a|x", help="The formula.", show_default=False)
    ],
    load: Annotated[
        float | None, typer.Option("--load", metavar="ERLANG", help="The load offered.")
    ] = None,
    calls: Annotated[
        str | None, typer.Option("--calls", metavar="RATE", help="Or calls: 200/h, 2400/day.")
    ] = None,
    handle_time: Annotated[
        str | None,
        typer.Option("--handle-time", metavar="TIME", help="Mean handle time: 3 min."),
    ] = None,
    agents: Annotated[
        str | None,
        typer.Option("--agents", metavar="N", help="Agents (or lines): 12, or 10-16."),
    ] = None,
    patience: Annotated[
        str | None, typer.Option("--patience", metavar="TIME", help="a, x: mean patience.")
    ] = None,
    places: Annotated[
        int | None, typer.Option("--places", min=0, help="a, x: places to wait; else no limit.")
    ] = None,
    lines: Annotated[
        int | None,
        typer.Option("--lines", min=1, help="a, x: lines in all; places are lines - agents."),
    ] = None,
    redial: Annotated[
        str | None,
        typer.Option("--redial", metavar="SHARE", help="x: share of the lost who call again."),
    ] = None,
    redial_delay: Annotated[
        str | None,
        typer.Option("--redial-delay", metavar="TIME", help="x: mean delay; exact, not a limit."),
    ] = None,
    within: Annotated[
        str, typer.Option("--within", metavar="TIME", help="An answer so soon is in time.")
    ] = "20 s",
    service_level: Annotated[
        str | None, typer.Option("--service-level", metavar="SHARE", help="Goal: in time.")
    ] = None,
    mean_wait: Annotated[
        str | None, typer.Option("--mean-wait", metavar="TIME", help="Goal: mean wait.")
    ] = None,
    abandoned: Annotated[
        str | None, typer.Option("--abandoned", metavar="SHARE", help="Goal: abandonment.")
    ] = None,
    blocked: Annotated[
        str | None, typer.Option("--blocked", metavar="SHARE", help="Goal: blocking.")
    ] = None,
    occupancy: Annotated[
        str | None, typer.Option("--occupancy", metavar="SHARE", help="Goal: occupancy, at most.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compute a steady state by formula: waits for so many agents, or the agents for a goal.

    \b
    b  lines without a queue (M/G/n/n): blocking
    c  everybody waits, nobody leaves (M/M/n)
    a  callers lose patience (M/M/n+M), with all the places to wait or some
    x  and call again: in the limit of long delays, or exactly with --redial-delay

    \b
    Give --agents, or goals. Shares are of calls offered. Waits are of calls let in, abandoned ones
    included; "answered" is of those answered.

    \b
    Examples:
      vpbx erlang b --load 8.1 --blocked 1%
      vpbx erlang c --calls 200/h --handle-time "3 min" --agents 10-16
      vpbx erlang c --calls 200/h --handle-time "3 min" --service-level 80%
      vpbx erlang a --calls 200/h --handle-time "3 min" --patience "5 min" --agents 12 --json
      vpbx erlang x --load 8.4 --handle-time "2 min" --patience "2 min" --redial 60% --agents 8
    """
    import json

    from vpbx.measures.theory_agents import MODELS, Goals, answer

    _require(model in MODELS, f'there is no Erlang "{model}"; there are {", ".join(MODELS)}')
    rate_and_time = _offered(load, calls, handle_time, model)
    question = _question(model, rate_and_time, within, patience, redial, redial_delay)
    goals = Goals(
        in_time=_share("--service-level", service_level),
        mean_wait_s=_seconds("--mean-wait", mean_wait),
        abandoned=_share("--abandoned", abandoned),
        blocked=_share("--blocked", blocked),
        occupancy=_share("--occupancy", occupancy),
    )
    room = _Room(places, lines, model)
    least, numbers = _asked(room, question, goals, agents)
    answers = [answer(room.of(question, n), n) for n in numbers]
    if as_json:
        out(json.dumps(_plain(question, goals, least, answers), indent=2))
    else:
        out(_table(question, least, answers, handle_time is not None))


class _Room:
    """Places to wait, said as such or as lines beyond the agents."""

    def __init__(self, places: int | None, lines: int | None, model: str) -> None:
        _require(places is None or lines is None, "give --places or --lines, not both")
        _require(
            model in "ax" or (places is None and lines is None),
            f"--places and --lines are for a and x; {model} has {'none' if model == 'b' else 'all'}",
        )
        self.places, self.lines = places, lines

    def of(self, question: "Question", agents: int) -> "Question":
        """The question with its places for so many agents."""
        if self.lines is not None:
            _require(self.lines >= agents, f"{self.lines} lines are too few for {agents} agents")
            return question._replace(places=self.lines - agents)
        return question if self.places is None else question._replace(places=self.places)


def _require(holds: bool, message: str) -> None:
    from vpbx.errors import UsageError

    if not holds:
        raise UsageError(message)


def _offered(
    load: float | None, calls: str | None, handle_time: str | None, model: str
) -> tuple[float, float]:
    """Calls a second and mean handle time in seconds."""
    from vpbx.units import rate_per_day

    _require((load is None) != (calls is None), "give either --load or --calls")
    _require(load is None or 0.0 < load < inf, "--load must be above 0 erlang")
    handle_s = _seconds("--handle-time", handle_time)
    _require(
        handle_s is not None or (model == "b" and load is not None),
        'give --handle-time, as "3 min"; only b with --load does without',
    )
    _require(handle_s is None or handle_s > 0.0, "--handle-time must be above 0")
    time = handle_s or 1.0
    if load is not None:
        return load / time, time
    per_day = float(_read("--calls", rate_per_day, calls))
    _require(per_day > 0.0, "--calls must be above 0")
    return per_day / 86_400.0, time


def _question(
    model: str,
    offered: tuple[float, float],
    within: str,
    patience: str | None,
    redial: str | None,
    redial_delay: str | None,
) -> "Question":
    from vpbx.measures.theory_agents import Question

    _require(patience is None or model in "ax", f"--patience is for a and x, not for {model}")
    _require(patience is not None or model != "a", 'a needs --patience, as "5 min"')
    _require(redial is None or model == "x", "--redial is for x")
    _require(redial is not None or model != "x", 'x needs --redial, as "40%"')
    _require(redial_delay is None or model == "x", "--redial-delay is for x")
    patience_s, delay_s = _seconds("--patience", patience), _seconds("--redial-delay", redial_delay)
    for name, value in (("--patience", patience_s), ("--redial-delay", delay_s)):
        _require(value is None or value > 0.0, f"{name} must be above 0")
    return Question(
        model,
        *offered,
        within_s=_seconds("--within", within) or 0.0,
        patience_s=patience_s or inf,
        places=0 if model == "b" else inf,
        redial=_share("--redial", redial) or 0.0,
        redial_delay_s=delay_s or inf,
    )


def _asked(
    room: _Room, question: "Question", goals: "Goals", agents: str | None
) -> tuple[int | None, list[int]]:
    """The least number of agents, where goals were given, and the numbers to show."""
    from vpbx.measures.theory_agents import least_agents

    wanted = any(goal is not None for goal in goals)
    _require(wanted != (agents is not None), "give --agents, or a goal such as --service-level 80%")
    if agents is not None:
        return None, _numbers(agents)
    _require(room.lines is None, "with a goal, give --places in place of --lines")
    least = least_agents(room.of(question, 1), goals)
    return least, list(range(max(1, least - _AROUND), least + _AROUND + 1))


def _numbers(text: str) -> list[int]:
    """`12` or `10-16`."""
    first, _, last = text.partition("-")
    fine = first.strip().isdecimal() and (not last or last.strip().isdecimal())
    _require(fine, f'--agents: "{text}" is not a number as 12, or a range as 10-16')
    low, high = int(first), int(last or first)
    _require(1 <= low <= high, f'--agents: "{text}": from 1 up, the smaller number first')
    _require(high <= 1_000_000, "--agents: at most 1,000,000")
    _require(high - low < _MOST_ROWS, f"--agents: at most {_MOST_ROWS} at a time")
    return list(range(low, high + 1))


def _read(option: str, read: Any, text: str | None) -> Any:
    """A value as text, or what is wrong with it."""
    from vpbx.errors import UsageError
    from vpbx.units import UnitError

    if text is None:
        return None
    try:
        return read(text)
    except UnitError as error:
        raise UsageError(f"{option}: {error}") from None


def _seconds(option: str, text: str | None) -> float | None:
    from vpbx.units import duration_us

    found = _read(option, duration_us, text)
    return None if found is None else found / 1e6


def _share(option: str, text: str | None) -> float | None:
    from vpbx.units import share

    found: float | None = _read(option, share, text)
    return found


def _plain(
    question: "Question", goals: "Goals", least: int | None, answers: list["Answer"]
) -> dict[str, Any]:
    """All of it as JSON's types: what is infinite is null."""

    def finite(values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: None if isinstance(value, float) and isinf(value) else value
            for name, value in values.items()
        }

    return {
        "question": finite(question._asdict()),
        "goals": goals._asdict(),
        "least_agents": least,
        "answers": [finite(one._asdict()) for one in answers],
    }


def _table(question: "Question", least: int | None, answers: list["Answer"], timed: bool) -> str:
    """A row a number of agents; columns that a formula knows nothing of are left out."""
    shown = [column for column in _columns(question, timed) if question.model in column[1]]
    head = ["agents", *(name for name, _, _ in shown)]
    rows = [[_mark(one.agents, least), *(say(one) for _, _, say in shown)] for one in answers]
    lines = [f"offered {question.load:.6g} erlang" + _notes(question)]
    lines.append(columns([head, *rows], frozenset(range(len(head)))))
    if least is not None:
        lines.append(f"* the least that meets the goal: {least}")
    return "\n".join(lines)


def _mark(agents: int, least: int | None) -> str:
    return f"{'* ' if agents == least else ''}{agents}"


def _notes(question: "Question") -> str:
    if question.model == "x" and isinf(question.redial_delay_s):
        return "; redials as if after long delays"
    return ""


def _columns(question: "Question", timed: bool) -> list[tuple[str, str, Any]]:
    """(heading, formulas that show it, text of an answer)."""
    from vpbx.units import duration_text

    late = f"in {duration_text(question.within_s * 1e6)}"
    timed_models = "cax" if timed else ""
    return [
        ("blocked", "bax", lambda one: _percent(one.blocked)),
        ("waits", "cax", lambda one: _percent(one.p_wait)),
        ("mean wait", timed_models, lambda one: _time(one.mean_wait_s)),
        ("answered", "ax", lambda one: _time(one.mean_wait_answered_s)),
        (late, timed_models, lambda one: _percent(one.in_time)),
        ("abandoned", "ax", lambda one: _percent(one.abandoned)),
        ("occupancy", "bcax", lambda one: _percent(one.occupancy)),
        ("queue", "cax", lambda one: _count(one.mean_queue)),
        ("attempts", "x", lambda one: f"{one.attempts_per_call:.3f}"),
        ("never answered", "x", lambda one: _percent(one.lost)),
    ]


def _percent(value: float) -> str:
    return f"{value:.2%}" if value >= 1e-4 or value == 0.0 else f"{value:.1e}"


def _time(seconds: float) -> str:
    from vpbx.units import duration_text

    return "endless" if isinf(seconds) else duration_text(seconds * 1e6)


def _count(value: float) -> str:
    return "endless" if isinf(value) else f"{value:.2f}"
