"""A process that holds one program on one workload and runs a round whenever it is told to.

Belongs here: the other end of `measure`'s pipes: a line of JSON in, a line of JSON out. Does not
belong here: what is run (`programs`). `python -m vpbx.bench.worker NAME WORKLOAD [quick]`.

Why a process each: its peak memory is the program's own, and no program warms or fills another's
caches, heap or interpreter.
"""

import json
import os
import sys
from dataclasses import asdict
from typing import IO, Any

from vpbx.bench.programs import Absent, Runner, prepare
from vpbx.errors import VpbxError
from vpbx.garbage import settle


def main(arguments: list[str]) -> None:
    """Make ready, check, say so; then a round a line, until there are no more."""
    answers = _own_output()
    name, workload = arguments[:2]
    try:
        runner = prepare(name, workload, "quick" in arguments[2:])
        readings = [asdict(reading) for reading in runner.check()]
    except Absent as absent:
        _say(answers, {"absent": str(absent)})
        return
    except VpbxError as error:
        _say(answers, {"failed": str(error)})
        return
    settle()  # what loading and checking left is not looked through again during a round
    _say(answers, {"note": runner.note, "readings": readings})
    _serve(runner, answers)


def _serve(runner: Runner, answers: IO[str]) -> None:
    for line in sys.stdin:
        sample = runner.run(int(line))
        _say(answers, {**sample._asdict(), "peak_rss_mb": runner.peak_rss_mb()})


def _own_output() -> IO[str]:
    """The pipe to whoever asked; what a library prints goes to stderr instead."""
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return pipe


def _say(answers: IO[str], message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
