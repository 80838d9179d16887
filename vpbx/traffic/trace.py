"""Recorded arrivals in place of a random load.

Belongs here: recorded wall times → instants of a run. Does not belong here: reading the file
(`scenario.recorded`), fitting a load to a log.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import FileError
from vpbx.scenario.people import Trace
from vpbx.scenario.recorded import TraceError, read_arrivals
from vpbx.traffic.calendar import LocalClock


def read_trace(trace: Trace, clock: LocalClock, folder: Path) -> NDArray[np.int64]:
    """Arrival instants (us, sorted) of a trace; raises `FileError` (loading has checked the file)."""
    try:
        arrivals = read_arrivals(trace, folder, str(clock.zone))
    except TraceError as error:
        raise FileError(folder / trace.file, error.faults[0].message) from None
    return np.sort(np.array([clock.of(moment) for moment in arrivals], np.int64))
