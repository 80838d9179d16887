"""Callers, as the user wrote them.

Belongs here: the keys of the section `callers`. Does not belong here: checks between sections
(`check_callers`), when calls come (`traffic`), what callers do (`engine`).
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from vpbx.scenario import rules
from vpbx.scenario.base import Model
from vpbx.scenario.values import (
    Dist,
    Factor,
    Flag,
    FoundWaiting,
    KeyPath,
    Names,
    PhoneNumber,
    Priority,
    Rate,
    Share,
    Whole,
)


class Busyness(Model):
    """How much one day differs from another: a gamma factor on the volume, mean 1."""

    cv: Share = Field(description="standard deviation of the day's factor")
    factor: Literal["shared", "own"] = Field(
        "shared", description="shared: classes are busy on the same days; own: independent"
    )


class Want(Model):
    """A goal, with its share and (if known) the keys that callers press for it."""

    share: Share = Field(description="share of the class's callers who want this")
    keys: KeyPath | dict[PhoneNumber, KeyPath] | None = Field(
        None, description='keys pressed in turn, whatever the menus say: "20", or by number'
    )


Cause = Literal[
    "blocked", "abandoned", "abandoned_ivr", "lost", "refused", "balked", "timed_out", "suspended",
    "failed", "cleared", "callback_failed", "unsettled",
]  # fmt: skip
"""Why a caller calls again: an outcome, or a matter left open (`serves.settles`)."""


class RedialAfter(Model):
    """Calling again after one cause, where it differs from the rest."""

    share: Share = Field(description="probability of calling again")
    delay: Dist | None = Field(None, description="from the end of one attempt to the next")
    attempts: Whole | None = Field(
        None, ge=1, le=100, description="most attempts in all, the first included"
    )
    number: PhoneNumber | None = Field(
        None, description="the number dialled then (section numbers); the same as before, if none"
    )


class Redial(Model):
    """Whether, when and how often a caller calls again."""

    after: dict[Cause, Share | RedialAfter] = Field(
        description="probability of calling again, by how the attempt ended; with a delay, a number "
        "of attempts or a phone number of its own where they differ"
    )
    delay: Dist = Field(description="from the end of one attempt to the next")
    attempts: Whole = Field(4, ge=1, le=100, description="most attempts in all, the first included")
    keeps: tuple[Literal["patience", "handle_time"], ...] = Field(
        (), description="draws that stay the same on every attempt"
    )

    def share_after(self, cause: Cause) -> float:
        """Probability of calling again after this."""
        given = self.after.get(cause, 0.0)
        return given.share if isinstance(given, RedialAfter) else given


class Trace(Model):
    """Arrivals as recorded, in place of a random load."""

    file: str = Field(description="CSV file with a header, relative to the scenario")
    column: str = Field("arrived", description="column with the local time of arrival")
    select: dict[str, str] = Field({}, description="keep only the rows with these values")
    dither: Flag = Field(True, description="spread whole-second times over their second")


def _whole_wants(wants: dict[str, float | Want]) -> dict[str, float | Want]:
    rules.whole({k: w.share if isinstance(w, Want) else w for k, w in wants.items()})
    return wants


class CallerClass(Model):
    """Callers alike: how many, when, on which numbers, wanting what, how patient."""

    network: str = Field("any", description="the network they call from")
    volume: Rate | None = Field(None, description="first attempts on an ordinary day: 2400/day")
    trace: Trace | None = Field(None, description="recorded arrivals in place of a volume")
    profile: Annotated[tuple[float, ...], AfterValidator(rules.day_profile)] = Field(
        (1.0,), description="24, 48 or 96 weights over the day (any number that divides the day)"
    )
    weekdays: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], Factor] = Field(
        {}, description="factor on the volume by day of the week"
    )
    holidays: Factor = Field(1.0, description="factor on the volume on holidays")
    busyness: Busyness | None = Field(None, description="difference between days")
    dials: Annotated[dict[PhoneNumber, Share], AfterValidator(rules.whole)] = Field(
        description="shares of the numbers dialled, 100% in all"
    )
    wants: Annotated[dict[str, Share | Want], AfterValidator(_whole_wants)] = Field(
        {}, description="shares of the goals (nodes of the flow), 100% in all"
    )
    knows_menu: Share = Field(0.0, description="share who know the keys and do not listen")
    presses_wrong: Share = Field(0.0, description="probability of a wrong key, at each menu")
    presses_nothing: Share = Field(0.0, description="probability of pressing nothing, at each menu")
    patience: Dist | None = Field(None, description="longest wait in a queue; endless, if none")
    crowded: Annotated[dict[FoundWaiting, Dist], AfterValidator(rules.in_order)] = Field(
        {},
        description="patience of callers who find at least so many waiting for the same agents, in "
        "place of patience: {5: exponential(mean=3 min), 10: exponential(mean=1 min)}",
    )
    ivr_patience: Dist | None = Field(None, description="longest time in menus and announcements")
    balks: Share = Field(
        0.0, description="share who hang up at once when they are not answered at once"
    )
    priority: Priority = Field(0, description="higher is served first")
    redial: Redial | None = Field(None, description="calling again")
    facts: Names = Field((), description="ids of the facts that this rests on")
