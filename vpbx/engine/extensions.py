"""Ring nodes of the reference engine: extensions and outside numbers ring until somebody answers.

Belongs here: which leg rings next, forwards, channels of outside legs (semantics §7). Does not belong
here: agents' phones (`phones`), what follows (`reference`).
"""

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, NamedTuple

import simpy

from vpbx.codes import LegKind, Phase, Purpose, RingMode
from vpbx.engine.events import At
from vpbx.engine.state import Call, Leg, Ringing
from vpbx.engine.walk import calendar_value
from vpbx.units import NEVER, TEN_THOUSANDTHS

if TYPE_CHECKING:
    from vpbx.engine.reference import Reference


class Heard(NamedTuple):
    """An extension that rings: when and how that ends."""

    at: int
    answered: bool
    place: int
    """The leg's place in the node."""
    ringing: Ringing


Waiting = Generator[simpy.Event, Any, Heard | None]


class Extensions:
    """The extensions of one replication."""

    def __init__(self, engine: "Reference") -> None:
        self.env, self.draws, self.program = engine.env, engine.draws, engine.program
        self.channels, self.horizon = engine.channels, engine.horizon
        self.in_use = [0] * len(engine.program.extensions.lines)
        self.cursor = [0] * len(engine.program.rings.mode)

    def ring(self, call: Call, row: int) -> Waiting:
        """Rings a node's legs: what answered (its lines are held); None: nobody, or the caller left.

        `call.leg` is None when the caller left.
        """
        until = self._patience_until(call)
        call.leg = Leg([])
        if self.program.rings.mode[row] == RingMode.ALL:
            heard = self._ring_all(call, row)
            return (yield from self._await(call, heard, until)) if heard else None
        for place in self._order(call, row):
            extension = int(self.program.legs.extension[self._leg(row, place)])
            while extension >= 0:
                ringing = self._start(call, extension, place, row)
                if ringing is None:
                    break
                answered = yield from self._await(call, [ringing], until)
                if answered is not None or call.leg is None or call.over:
                    return answered
                extension = int(self.program.extensions.no_answer_to[ringing.ringing.extension])
        return None

    def _leg(self, row: int, place: int) -> int:
        return int(self.program.rings.first_leg[row]) + place

    def _patience_until(self, call: Call) -> int:
        """Ringing is waiting: patience starts as on joining a queue."""
        classes = self.program.classes
        patience, n = classes.patience_dist[call.caller_class], call.joins
        call.joins += 1
        if patience < 0:
            return NEVER
        kept = 0 if classes.keeps_patience[call.caller_class] else None
        u = self.draws.uniform(call, Purpose.PATIENCE, n, kept)
        return self.env.now + self.draws.duration(patience, u)

    def _order(self, call: Call, row: int) -> list[int]:
        """The legs' places in the order in which they are tried."""
        rings = self.program.rings
        n, mode = int(rings.n_legs[row]), rings.mode[row]
        places = list(range(n))
        if mode == RingMode.ONE_BY_ONE:
            start = self.cursor[row]
            return places[start:] + places[:start]
        if mode == RingMode.RANDOM:
            for place in range(n - 1):
                u = self.draws.uniform(call, Purpose.LEG_ORDER, call.order_draws)
                call.order_draws += 1
                other = place + int(u * (n - place))
                places[place], places[other] = places[other], places[place]
        return places

    def _ring_all(self, call: Call, row: int) -> list[Heard]:
        """Everybody who is not busy rings."""
        legs = range(int(self.program.rings.n_legs[row]))
        first = self.program.rings.first_leg[row]
        found = [
            self._start(call, int(self.program.legs.extension[first + place]), place, row)
            for place in legs
        ]
        return [heard for heard in found if heard is not None]

    def _start(self, call: Call, extension: int, place: int, row: int) -> Heard | None:
        """An extension, or the one to which its calls go on, starts to ring; None: all are busy."""
        table, now = self.program.extensions, self.env.now
        while extension >= 0:
            extension = self._reached(extension)
            n, call.legs_tried = call.legs_tried, call.legs_tried + 1
            busy_u = self.draws.uniform(call, Purpose.LEG_BUSY, n)
            by_chance = busy_u * TEN_THOUSANDTHS < self._now(int(table.busy[extension]))
            trunk = int(table.trunk[extension])
            if not by_chance and self.in_use[extension] < table.lines[extension]:
                leg = self.channels.seize_leg(call.row, trunk, LegKind.FORWARDED)
                if trunk < 0 or leg >= 0:
                    break
            extension = int(table.busy_to[extension])
        else:
            return None
        self.in_use[extension] += 1
        ringing = Ringing(extension, trunk, leg)
        assert call.leg is not None
        call.leg.ringing.append(ringing)
        call.tell(now, "leg_rings", extension=extension)
        u = self.draws.uniform(call, Purpose.LEG, n)
        delay = self.draws.duration(int(table.answers_dist[extension]), u)
        missed_u = self.draws.uniform(call, Purpose.LEG_MISSED, n)
        missed = missed_u * TEN_THOUSANDTHS < self._now(int(table.missed[extension]))
        ring_us = int(self.program.legs.ring_us[self._leg(row, place)])
        if missed or delay > ring_us:
            return Heard(now + ring_us, False, place, ringing)
        return Heard(now + delay, True, place, ringing)

    def _reached(self, extension: int) -> int:
        """The extension to which calls go on now."""
        table = self.program.extensions
        while True:
            hours = int(table.outside_hours[extension])
            if table.always[extension] >= 0:
                extension = int(table.always[extension])
            elif hours >= 0 and not self._now(hours):
                extension = int(table.outside_to[extension])
            else:
                return extension

    def _await(self, call: Call, heard: list[Heard], until: int) -> Waiting:
        """Waits for the earliest answer, the end of ringing, or the end of the caller's patience."""
        answers = [one for one in heard if one.answered]
        if answers:
            ends = min(answers, key=lambda one: (one.at, one.place))
            at, phase = ends.at, Phase.PHONE_ANSWERED
        else:
            ends = max(heard, key=lambda one: one.at)
            at, phase = ends.at, Phase.RING_TIMEOUT
        at, phase = min((at, phase), (until, Phase.END_OF_PATIENCE))
        if at > self.horizon:
            yield self.env.event()  # the horizon will cut it
        yield At(self.env, at, phase, call.who)
        if call.over:
            return None
        answered = phase is Phase.PHONE_ANSWERED
        for one in list(call.leg.ringing if call.leg else ()):
            if not answered or one is not ends.ringing:
                self.release(call, one)
        if phase is Phase.END_OF_PATIENCE:
            call.leg = None
        return ends if answered else None

    def release(self, call: Call, ringing: Ringing) -> None:
        """An extension is free again, and so is its channel."""
        self.in_use[ringing.extension] -= 1
        self.channels.release_leg(ringing.row)
        if call.leg is not None:
            call.leg.ringing.remove(ringing)

    def release_all(self, call: Call) -> None:
        """The call is gone: whatever rings or talks for it is free again."""
        for ringing in list(call.leg.ringing if call.leg else ()):
            self.release(call, ringing)

    def _now(self, calendar: int) -> int:
        return calendar_value(self.program.flow.calendars, calendar, self.env.now)
