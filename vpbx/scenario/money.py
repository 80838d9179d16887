"""Prices, exact to the hundredth: `500 RUB`, `499.50 RUB`.

Belongs here: text → hundredths of a currency (kopecks of a rouble) and back. Does not belong here:
who pays what (`licence`). Amounts are whole numbers, so that sums come out to the kopeck.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

from vpbx import units

MOST = 10**12
"""Hundredths; more than any account holds: beyond, a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class Price:
    """An amount in hundredths of its currency."""

    hundredths: int
    currency: str

    def __str__(self) -> str:
        return f"{amount_text(self.hundredths)} {self.currency}"


def price(text: object) -> Price:
    """Price of `500 RUB`, at least 0 and in whole hundredths; raises `UnitError`."""
    if isinstance(text, Price):
        return text
    money = units.money(text)
    exact = Decimal(str(text).replace(" ", "").replace("_", "").removesuffix(money.currency)) * 100
    if exact < 0:
        raise units.UnitError(f'"{text}" is negative; an amount cannot be')
    if exact != exact.to_integral_value():
        raise units.UnitError(f'"{text}" is finer than a hundredth; write two decimals at most')
    if exact > MOST:
        raise units.UnitError(f'"{text}" is too large an amount')
    return Price(int(exact), money.currency)


def amount_text(hundredths: int) -> str:
    """Hundredths as people write them: `1900`, `499.50`, `-20`."""
    whole, rest = divmod(abs(hundredths), 100)
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{whole}.{rest:02d}" if rest else f"{sign}{whole}"


Amount = Annotated[Price, BeforeValidator(price)]
"""The value of a key that holds a price."""
