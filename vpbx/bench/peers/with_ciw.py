"""W1 in Ciw: a network of one node with reneging.

W2 is left out. Ciw's schedules replace all servers at a shift change: those who are busy finish,
while as many fresh ones as the new shift has start at once, so that for some minutes almost twice
as many serve. That is another model, with other waits.
"""

from math import inf
from typing import Any

import ciw

from vpbx.bench.models import ClassSums, Model, Outcome

NAME = "ciw"
_NEVER_S = 1e12
REFUSES_SHIFTS = "cannot express the shift change rightly: a new shift starts at full strength"


def run(model: Model, seed: int) -> Outcome:
    """One run of a model without prompts, shifts, priorities and redials."""
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[Arrivals(model)],
        service_distributions=[ciw.dists.Exponential(rate=1.0 / model.handle_mean_s)],
        number_of_servers=[model.heads[0]],
        reneging_time_distributions=[ciw.dists.Exponential(rate=1.0 / model.patience_mean_s)],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(_NEVER_S)  # it ends when nothing is left to happen
    return _outcome(simulation.get_all_records(), model)


class Arrivals(ciw.dists.Exponential):  # type: ignore[misc,unused-ignore]
    """Exponential gaps, until first calls stop."""

    def __init__(self, model: Model) -> None:
        super().__init__(rate=model.rates[0])
        self.duration_s = model.duration_s

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        """The gap to the next call; endless, when that is after the end."""
        gap = float(super().sample(t, ind))
        return gap if (t or 0.0) + gap < self.duration_s else inf


def _outcome(records: list[Any], model: Model) -> Outcome:
    counted = [record for record in records if record.arrival_date >= model.warm_up_s]
    return Outcome(
        len(records),
        ClassSums(
            calls=len(counted),
            abandoned=sum(record.record_type == "renege" for record in counted),
            waited=sum(record.waiting_time > 0.0 for record in counted),
            wait_s=sum(record.waiting_time for record in counted),
        ),
    )
