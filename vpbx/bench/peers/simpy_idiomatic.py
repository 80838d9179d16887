"""Both call centres in SimPy as its documentation teaches it: a process a caller, one `Resource`.

Does not belong here: tricks. What a user would write is what is timed.
"""

import random
from collections.abc import Generator
from math import log, sqrt
from typing import Any

import simpy

from vpbx.bench.models import HOUR_S, Model, Outcome
from vpbx.bench.peers.counting import Counter

NAME = "simpy_idiomatic"


def run(model: Model, seed: int) -> Outcome:
    """One run of a model, until its last call has ended."""
    env = simpy.Environment()
    centre = Centre(env, model, random.Random(seed))
    env.process(centre.arrivals())
    if not model.constant:
        env.process(centre.shifts())
    env.run()
    return centre.counter.outcome()


class Centre:
    """The agents and what happens around them."""

    def __init__(self, env: simpy.Environment, model: Model, rng: random.Random) -> None:
        self.env, self.model, self.rng = env, model, rng
        self.counter = Counter()
        self.agents: Any
        if model.constant:
            self.agents = simpy.Resource(env, capacity=model.heads[0])
        else:
            self.agents = simpy.PriorityResource(env, capacity=max(model.heads))
        if model.handle_cv is not None:
            self.log_sd = sqrt(log(1.0 + model.handle_cv**2))
            self.log_mean = log(model.handle_mean_s) - self.log_sd**2 / 2.0

    def arrivals(self) -> Generator[Any, Any, None]:
        """Callers, hour by hour: the exponential gap has no memory."""
        env, model = self.env, self.model
        end = 0.0
        while env.now < model.duration_s:
            rate, end = model.rate_at(env.now), min(end + HOUR_S, model.duration_s)
            while True:
                gap = self.rng.expovariate(rate)
                if env.now + gap >= end:
                    break
                yield env.timeout(gap)
                env.process(self.caller())
            yield env.timeout(end - env.now)

    def caller(self) -> Generator[Any, Any, None]:
        """One caller: prompts, queue, an agent; or no patience left, and perhaps another try."""
        env, model, rng = self.env, self.model, self.rng
        counted = env.now >= model.warm_up_s
        first = model.p_priority > 0.0 and rng.random() < model.p_priority
        while True:
            for prompt in model.prompts_s:
                yield env.timeout(prompt)
            joined_at = env.now
            with self.request(first) as request:
                yield request | env.timeout(rng.expovariate(1.0 / model.patience_mean_s))
                answered = request.triggered
                self.counter.book(first, counted, env.now - joined_at, not answered)
                if answered:
                    yield env.timeout(self.handle_time())
                    return
            if rng.random() >= model.p_redial:
                return
            yield env.timeout(model.redial_after_s)

    def request(self, first: bool) -> Any:
        """A place in the queue."""
        if self.model.constant:
            return self.agents.request()
        return self.agents.request(priority=0 if first else 1)

    def handle_time(self) -> float:
        """A drawn handle time."""
        if self.model.handle_cv is None:
            return self.rng.expovariate(1.0 / self.model.handle_mean_s)
        return self.rng.lognormvariate(self.log_mean, self.log_sd)

    def shifts(self) -> Generator[Any, Any, None]:
        """Agents off duty are requests that go before all callers and last until they come back."""
        env, model = self.env, self.model
        off: list[Any] = []
        for hour in range(round(model.duration_s / HOUR_S) + 1):
            while len(off) < self.agents.capacity - model.heads_in(hour):
                off.append(self.agents.request(priority=-1))
            while len(off) > self.agents.capacity - model.heads_in(hour):
                back = off.pop()  # the last to be sent off may still be busy
                if back.triggered:
                    self.agents.release(back)
                else:
                    back.cancel()
            yield env.timeout(HOUR_S)
