"""Both call centres on SimPy's event loop alone: callbacks, own queues, no processes and no resources.

Does not belong here: more than SimPy's `Timeout`, which is all that it is used for.
"""

import random
from collections import deque
from collections.abc import Callable
from math import log, sqrt
from typing import Any

import simpy

from vpbx.bench.models import HOUR_S, Model, Outcome
from vpbx.bench.peers.counting import Counter

NAME = "simpy_callbacks"


def run(model: Model, seed: int) -> Outcome:
    """One run of a model, until its last call has ended."""
    centre = Centre(model, random.Random(seed))
    centre.hour_begins(0)
    centre.env.run()
    return centre.counter.outcome()


class Call:
    """A caller who goes through the prompts, waits, talks."""

    __slots__ = ("counted", "first", "joined_at", "prompt", "waits")

    def __init__(self, first: bool, counted: bool) -> None:
        self.first, self.counted = first, counted
        self.prompt, self.joined_at, self.waits = 0, 0.0, False


class Centre:
    """Agents as a number, queues as deques; whoever has left a queue is passed over at its head."""

    def __init__(self, model: Model, rng: random.Random) -> None:
        self.env, self.model, self.rng = simpy.Environment(), model, rng
        self.counter = Counter()
        self.queues: tuple[deque[Call], deque[Call]] = (deque(), deque())
        self.busy, self.on_duty = 0, 0
        if model.handle_cv is not None:
            self.log_sd = sqrt(log(1.0 + model.handle_cv**2))
            self.log_mean = log(model.handle_mean_s) - self.log_sd**2 / 2.0

    def later(self, delay: float, action: Callable[[Any], None], value: Any) -> None:
        """Call `action` with the event after a delay."""
        timeout = simpy.Timeout(self.env, delay, value)
        assert timeout.callbacks is not None
        timeout.callbacks.append(action)

    def hour_begins(self, hour: int) -> None:
        """Other heads, another rate."""
        model = self.model
        self.on_duty = model.heads_in(hour)
        self.assign()
        if self.env.now < model.duration_s:
            self.next_arrival(min((hour + 1) * HOUR_S, model.duration_s))
            self.later(HOUR_S, lambda _: self.hour_begins(hour + 1), None)

    def next_arrival(self, before: float) -> None:
        """The next caller, if there is one in this hour."""
        gap = self.rng.expovariate(self.model.rate_at(self.env.now))
        if self.env.now + gap < before:
            self.later(gap, self.arrive, before)

    def arrive(self, event: Any) -> None:
        """A first call."""
        model = self.model
        first = model.p_priority > 0.0 and self.rng.random() < model.p_priority
        self.next_arrival(event.value)
        self.advance(Call(first, self.env.now >= model.warm_up_s))

    def advance(self, call: Call) -> None:
        """The next prompt, or the queue."""
        prompts = self.model.prompts_s
        if call.prompt < len(prompts):
            call.prompt += 1
            self.later(prompts[call.prompt - 1], self.prompt_ends, call)
        else:
            self.reach_queue(call)

    def prompt_ends(self, event: Any) -> None:
        """After a prompt, or the pause before another try."""
        self.advance(event.value)

    def reach_queue(self, call: Call) -> None:
        """An agent at once, or a wait."""
        call.joined_at = self.env.now
        if self.busy < self.on_duty:
            self.answer(call)
            return
        call.waits = True
        self.queues[call.first].append(call)
        patience = self.rng.expovariate(1.0 / self.model.patience_mean_s)
        self.later(patience, self.patience_ends, call)

    def patience_ends(self, event: Any) -> None:
        """Hang up, unless answered meanwhile."""
        call = event.value
        if not call.waits:
            return
        call.waits = False
        self.counter.book(call.first, call.counted, self.env.now - call.joined_at, True)
        if self.rng.random() < self.model.p_redial:
            again = Call(call.first, call.counted)  # the old one may still stand in its queue
            self.later(self.model.redial_after_s, self.prompt_ends, again)

    def answer(self, call: Call) -> None:
        """An agent takes the call."""
        self.busy += 1
        self.counter.book(call.first, call.counted, self.env.now - call.joined_at, False)
        self.later(self.handle_time(), self.service_ends, None)

    def service_ends(self, _: Any) -> None:
        """An agent is free, or goes home."""
        self.busy -= 1
        self.assign()

    def assign(self) -> None:
        """Free agents take who waits, those with priority first."""
        while self.busy < self.on_duty:
            call = self.longest_waiting()
            if call is None:
                return
            call.waits = False
            self.answer(call)

    def longest_waiting(self) -> Call | None:
        """The next to be served, taken from its queue."""
        for queue in (self.queues[1], self.queues[0]):
            while queue:
                call = queue.popleft()
                if call.waits:
                    return call
        return None

    def handle_time(self) -> float:
        """A drawn handle time."""
        if self.model.handle_cv is None:
            return self.rng.expovariate(1.0 / self.model.handle_mean_s)
        return self.rng.lognormvariate(self.log_mean, self.log_sd)
