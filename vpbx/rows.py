"""Record arrays that compiled code reads row by row: `slot = slots[leaf]`, then `slot.caller`.

Belongs here: the type of such an array, and its layout from a class that lists the fields. Why: a row
is one address, and a field lies at a fixed distance from it; columns of their own cost an address
each, looked up anew. Does not belong here: any table itself.

A field must not be named as something that every array has (`size`, `start` …).
"""

import math
from functools import cache
from typing import Annotated, Any, Protocol, TypeVar, cast, get_type_hints

import numpy as np
from numpy.typing import NDArray

from vpbx._jit import njit_inline

_LINE = 64
"""Bytes that the processor fetches at once; rows begin where such a stretch does."""

Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)

Int64 = Annotated[int, "i8"]
Int32 = Annotated[int, "i4"]
Int16 = Annotated[int, "i2"]
Int8 = Annotated[int, "i1"]
Index32 = Annotated[int, "u4"]
"""Never negative: spares the compiler the question whether it counts from the end."""
Index16 = Annotated[int, "u2"]
Float64 = Annotated[float, "f8"]


class Rows(Protocol[Row_co]):
    """A record array: what it holds is read and changed by row."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of its axes."""

    def __getitem__(self, index: int | tuple[int, int]) -> Row_co:
        """A row; changing its fields changes the array."""


def new_rows(row: type[Row], shape: int | tuple[int, ...], **values: object) -> Rows[Row]:
    """Rows of a class whose annotations are the fields; 0 where no value is given."""
    lengths = (shape,) if isinstance(shape, int) else shape
    made = aligned(lengths, _layout(cast(Any, row))).view(np.recarray)
    for name, value in values.items():
        made[name] = value
    return cast(Rows[Row], made)


def aligned(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """An array of zeros that begins where a stretch does that the processor fetches at once."""
    kind = np.dtype(dtype)
    n_bytes = math.prod(shape) * kind.itemsize
    memory = np.zeros(n_bytes + _LINE, np.uint8)
    skipped = -memory.ctypes.data % _LINE
    made: NDArray[Any] = memory[skipped : skipped + n_bytes].view(kind).reshape(shape)
    return made


@cache
def _layout(row: Any) -> np.dtype[np.void]:
    """The fields of a row class, each at a multiple of its length."""
    hints = get_type_hints(row, include_extras=True)
    fields = np.dtype([(name, hint.__metadata__[0]) for name, hint in hints.items()], align=True)
    length = -(-fields.itemsize // _LINE) * _LINE if fields.itemsize > _LINE else fields.itemsize
    places = [fields.fields[name] for name in hints]  # type: ignore[index]
    return np.dtype(
        {
            "names": list(hints),
            "formats": [place[0] for place in places],
            "offsets": [place[1] for place in places],
            "itemsize": length,
        },
        align=True,
    )


def columns(rows: Any) -> NDArray[np.void]:
    """The same array, for numpy: columns by name."""
    made: NDArray[np.void] = rows.view(np.ndarray)
    return made


def raw(array: Any) -> NDArray[np.uint8]:
    """What an array is in memory, byte by byte."""
    made: NDArray[np.uint8] = columns(array).reshape(-1).view(np.uint8)
    return made


@njit_inline
def wide(value: int) -> int:
    """A field as a full integer; arithmetic and calls take these only."""
    return np.int64(value)  # type: ignore[return-value]
