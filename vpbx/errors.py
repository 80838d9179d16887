"""Our own errors: what a user did wrong, apart from what we did wrong.

Belongs here: the exception types and the located `Problem`. Does not belong here: printing.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; line and column count from 1, 0 when unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong (or doubtful) in what the user wrote.

    `path` is the dotted key path ("" for the file as a whole); `kind` names the sort of problem
    ("unknown-name", "no-unit", …): stable, for tests and machines.
    """

    mark: Mark
    path: str
    message: str
    kind: str
    warning: bool = False

    def __str__(self) -> str:
        sort = "warning: " if self.warning else ""
        where = f"{self.mark}  {self.path}: " if self.path else f"{self.mark}  "
        return f"{where}{sort}{self.message}"


class VpbxError(Exception):
    """Base of all our errors; its text is a message for the user."""

    exit_code = 4


class UsageError(VpbxError):
    """The command line asks for something that makes no sense."""

    exit_code = 2


class ScenarioError(VpbxError):
    """The scenario (or a file that it names) is wrong; holds every problem found."""

    exit_code = 2

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))

    def __reduce__(self) -> tuple[type["ScenarioError"], tuple[list[Problem]]]:
        return ScenarioError, (self.problems,)


class FileError(VpbxError):
    """A file cannot be read or written."""

    exit_code = 3

    def __init__(self, path: str | Path, reason: str) -> None:
        self.path, self.reason = str(path), reason
        super().__init__(f"{path}: {reason}")

    def __reduce__(self) -> tuple[type["FileError"], tuple[str, str]]:
        return FileError, (self.path, self.reason)


class SimulationError(VpbxError):
    """Our own mistake: a run broke one of the rules that every run must keep."""

    exit_code = 4
