"""The personal account: what was paid in, what was charged, what is owed (all in hundredths).

Belongs here: the sums. Does not belong here: why and when something is charged (`contract`).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from vpbx.licence.clock import Moment


class Entry(NamedTuple):
    """A line of the account: paid in (`amount` above 0) or charged (below)."""

    moment: Moment
    amount: int
    """Hundredths of the currency."""
    what: str
    """What for, in words."""
    subject: str
    """The plan or module charged for; "" for payments."""
    balance: int
    """What is in the account afterwards."""


class Debt(NamedTuple):
    """A charge that fell due and could not be taken."""

    amount: int
    what: str
    subject: str


@dataclass(slots=True)
class Account:
    """Money of one contract; `unlimited` takes every charge, whatever the balance."""

    unlimited: bool = False
    balance: int = 0
    paid_in: bool = False
    """Whether anything has ever been paid in."""
    entries: list[Entry] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)
    """Oldest first."""

    @property
    def owed(self) -> int:
        """The sum of the debts."""
        return sum(debt.amount for debt in self.debts)

    def covers(self, amount: int) -> bool:
        """Whether so much can be charged."""
        return self.unlimited or self.balance >= amount

    def pay(self, moment: Moment, amount: int, what: str) -> None:
        """Money is paid in."""
        self.paid_in = True
        self._enter(moment, amount, what, "")

    def charge(self, moment: Moment, amount: int, what: str, subject: str) -> None:
        """Money is taken; free things leave no line."""
        if amount:
            self._enter(moment, -amount, what, subject)

    def owe(self, amount: int, what: str, subject: str) -> None:
        """A charge falls due that the balance does not cover."""
        if amount:
            self.debts.append(Debt(amount, what, subject))

    def settle_debts(self, moment: Moment) -> list[Debt]:
        """Take what is owed, oldest first, as far as the balance goes; what was taken."""
        taken = []
        while self.debts and self.covers(self.debts[0].amount):
            debt = self.debts.pop(0)
            self.charge(moment, debt.amount, debt.what, debt.subject)
            taken.append(debt)
        return taken

    def _enter(self, moment: Moment, amount: int, what: str, subject: str) -> None:
        self.balance += amount
        self.entries.append(Entry(moment, amount, what, subject, self.balance))
