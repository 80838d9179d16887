"""Both call centres in salabim: a component a caller, one resource whose capacity follows the shifts.

Does not belong here: monitors of results, which no other peer keeps; the resource's are switched off.
"""

import random
from collections.abc import Iterator
from math import log, sqrt
from typing import Any

import salabim as sim

from vpbx.bench.models import HOUR_S, Model, Outcome
from vpbx.bench.peers.counting import Counter

NAME = "salabim"


def run(model: Model, seed: int) -> Outcome:
    """One run of a model, until its last call has ended."""
    sim.yieldless(False)
    env = sim.Environment(trace=False, random_seed=None)
    agents = sim.Resource("agents", capacity=model.heads[0], monitor=False)
    centre = Centre(env, agents, model, random.Random(seed))
    Arrivals(centre=centre)
    if not model.constant:
        Shifts(centre=centre)
    env.run()
    return centre.counter.outcome()


class Centre:
    """What the components share."""

    def __init__(self, env: Any, agents: Any, model: Model, rng: random.Random) -> None:
        self.env, self.agents, self.model, self.rng = env, agents, model, rng
        self.counter = Counter()
        if model.handle_cv is not None:
            self.log_sd = sqrt(log(1.0 + model.handle_cv**2))
            self.log_mean = log(model.handle_mean_s) - self.log_sd**2 / 2.0

    def handle_time(self) -> float:
        """A drawn handle time."""
        if self.model.handle_cv is None:
            return self.rng.expovariate(1.0 / self.model.handle_mean_s)
        return self.rng.lognormvariate(self.log_mean, self.log_sd)


class Arrivals(sim.Component):  # type: ignore[misc,unused-ignore]
    """Makes the callers, hour by hour."""

    def setup(self, centre: Centre) -> None:
        """Keep what is shared."""
        self.centre = centre

    def process(self) -> Iterator[Any]:
        """The exponential gap has no memory."""
        env, model, rng = self.centre.env, self.centre.model, self.centre.rng
        end = 0.0
        while env.now() < model.duration_s:
            rate, end = model.rate_at(env.now()), min(end + HOUR_S, model.duration_s)
            while True:
                gap = rng.expovariate(rate)
                if env.now() + gap >= end:
                    break
                yield self.hold(gap)
                Caller(centre=self.centre)
            yield self.hold(till=end)


class Caller(sim.Component):  # type: ignore[misc,unused-ignore]
    """One caller: prompts, queue, an agent; or no patience left, and perhaps another try."""

    def setup(self, centre: Centre) -> None:
        """Keep what is shared."""
        self.centre = centre

    def process(self) -> Iterator[Any]:
        """The whole life."""
        env, model, rng = self.centre.env, self.centre.model, self.centre.rng
        agents, counter = self.centre.agents, self.centre.counter
        counted = env.now() >= model.warm_up_s
        first = model.p_priority > 0.0 and rng.random() < model.p_priority
        while True:
            for prompt in model.prompts_s:
                yield self.hold(prompt)
            joined_at = env.now()
            patience = rng.expovariate(1.0 / model.patience_mean_s)
            yield self.request((agents, 1, 0 if first else 1), fail_delay=patience)
            counter.book(first, counted, env.now() - joined_at, self.failed())
            if not self.failed():
                yield self.hold(self.centre.handle_time())
                self.release(agents)
                return
            if rng.random() >= model.p_redial:
                return
            yield self.hold(model.redial_after_s)


class Shifts(sim.Component):  # type: ignore[misc,unused-ignore]
    """Sets the heads of each hour; who is over the number finishes the call."""

    def setup(self, centre: Centre) -> None:
        """Keep what is shared."""
        self.centre = centre

    def process(self) -> Iterator[Any]:
        """Hour by hour."""
        model = self.centre.model
        for hour in range(round(model.duration_s / HOUR_S) + 1):
            self.centre.agents.set_capacity(model.heads_in(hour))
            yield self.hold(HOUR_S)
