"""Erlang's formulas as a planner asks them: so many agents, how long is the wait; or the other way.

Belongs here: one question and one answer for Erlang B, C, A and X, and the least agents for a goal.
Does not belong here: the formulas (`theory`, `theory_redials`), text. Times in seconds, rates in calls
a second, shares from 0 to 1.
"""

from math import inf
from typing import NamedTuple

from vpbx.errors import UsageError
from vpbx.measures import theory
from vpbx.measures.theory_redials import ErlangX, erlang_x, redials_exact

MODELS = ("b", "c", "a", "x")
MOST_AGENTS = 1_000_000


class Question(NamedTuple):
    """A load and its callers."""

    model: str
    """One of `MODELS`. b: nobody waits; c: everybody waits; a: callers abandon; x: and call again."""
    arrival_rate: float
    handle_s: float
    within_s: float = 20.0
    """The wait within which an answer is in time."""
    patience_s: float = inf
    """Mean of exponential patience."""
    places: float = inf
    """Places to wait; b has none."""
    redial: float = 0.0
    """Probability that a caller who was blocked or abandoned calls again."""
    redial_delay_s: float = inf
    """Mean of the exponential delay before that; infinite: redials are as first calls."""

    @property
    def load(self) -> float:
        """Offered load of first calls, erlang."""
        return self.arrival_rate * self.handle_s


class Answer(NamedTuple):
    """Steady state with so many agents; shares are of calls (attempts) offered."""

    agents: int
    load: float
    """Erlang, of first calls."""
    blocked: float
    p_wait: float
    """Share that waits."""
    mean_wait_s: float
    """Of the calls let in, those that abandon included; infinite in overload."""
    mean_wait_answered_s: float
    """Of the calls answered (average speed of answer)."""
    in_time: float
    """Share answered within the time asked for."""
    abandoned: float
    occupancy: float
    mean_queue: float
    attempts_per_call: float
    """Attempts for one first call."""
    lost: float
    """Share of callers never answered."""


class Goals(NamedTuple):
    """What must hold; None: anything."""

    in_time: float | None = None
    mean_wait_s: float | None = None
    abandoned: float | None = None
    blocked: float | None = None
    occupancy: float | None = None

    def met(self, answer: Answer) -> bool:
        """Whether an answer reaches all of them."""
        below = (
            (answer.mean_wait_s, self.mean_wait_s),
            (answer.abandoned, self.abandoned),
            (answer.blocked, self.blocked),
            (answer.occupancy, self.occupancy),
        )
        enough = self.in_time is None or answer.in_time >= self.in_time
        return enough and all(limit is None or found <= limit for found, limit in below)


def answer(question: Question, agents: int) -> Answer:
    """The steady state with so many agents (at least 1); raises `UsageError` where there is none."""
    own = question
    if own.model == "c" and own.load >= agents:
        return Answer(agents, own.load, 0.0, 1.0, inf, inf, 0.0, 0.0, 1.0, inf, 1.0, 0.0)
    try:
        found = _met(own, agents)
        in_time, answered_s = _waits(own, agents, found)
    except ValueError as error:
        raise UsageError(f"{agents} agents: {error}") from None
    met = found.steady
    return Answer(
        agents=agents,
        load=own.load,
        blocked=met.p_blocked,
        p_wait=met.p_wait,
        mean_wait_s=met.mean_wait,
        mean_wait_answered_s=answered_s,
        in_time=in_time,
        abandoned=met.p_abandon,
        occupancy=met.occupancy,
        mean_queue=met.mean_queue,
        attempts_per_call=found.attempts / own.arrival_rate,
        lost=found.p_lost,
    )


def _met(own: Question, agents: int) -> ErlangX:
    """What an attempt meets; without redials attempts are calls."""
    rates = (own.arrival_rate, 1.0 / own.handle_s, 1.0 / own.patience_s)
    if own.model == "x" and own.redial_delay_s < inf:
        return redials_exact(agents, *rates, own.redial, 1.0 / own.redial_delay_s, own.places)
    places = 0 if own.model == "b" else own.places
    return erlang_x(agents, *rates, own.redial if own.model == "x" else 0.0, places)


def _waits(own: Question, agents: int, found: ErlangX) -> tuple[float, float]:
    """Share answered in time, and the mean wait of those answered."""
    service_rate, patience_rate = 1.0 / own.handle_s, 1.0 / own.patience_s
    if own.model == "c":  # the closed form, free of any quadrature
        in_time = theory.erlang_c_within(agents, own.arrival_rate, service_rate, own.within_s)
        return in_time, found.steady.mean_wait
    if found.found_waiting is None:
        call = (agents, found.attempts, service_rate, patience_rate)
        in_time = theory.erlang_a_within(*call, own.within_s, own.places).answered
        return in_time, theory.erlang_a_answered_wait(*call, own.places)
    density = theory.virtual_wait(found.found_waiting, agents, service_rate, patience_rate)
    fastest = agents * service_rate + found.attempts + patience_rate
    falls = len(found.found_waiting) / (agents * service_rate)
    within = theory.within(density, found.steady, patience_rate, own.within_s, fastest)
    answered = theory.answered_wait(density, found.steady, patience_rate, fastest, falls)
    return within.answered, answered


def least_agents(question: Question, goals: Goals) -> int:
    """The least number of agents that meets the goals; raises `UsageError` if none up to a million does.

    Doubling, then halving: every goal is met by more agents if it is by fewer.
    """
    high = max(1, int(question.load))
    while not _meets(question, goals, high):
        high *= 2
        if high > MOST_AGENTS:
            raise UsageError(f"no number of agents up to {MOST_AGENTS:,} meets that goal")
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        if _meets(question, goals, middle):
            high = middle
        else:
            low = middle
    return high


def _meets(question: Question, goals: Goals, agents: int) -> bool:
    """Whether so many agents do; where there is no steady state, they do not."""
    try:
        return goals.met(answer(question, agents))
    except UsageError:
        return False
