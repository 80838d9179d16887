"""vpbx: a virtual PBX call-flow simulator; one YAML file in, wait times and queue reports out.

    import vpbx
    result = vpbx.run("scenarios/mts_0890.yaml", replications=20)
    result.totals["queue.support"]["mean_wait"].mean      # seconds

Belongs here: the public names, each found where it is made, on first use (so that importing this
costs nothing). Does not belong here: anything else.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vpbx.api import __version__, check, draw, load, paths, run, schema, write_report
    from vpbx.errors import FileError, Problem, ScenarioError, VpbxError
    from vpbx.measures.result import Estimate, Result
    from vpbx.scenario.models import Scenario

__all__ = [
    "Estimate",
    "FileError",
    "Problem",
    "Result",
    "Scenario",
    "ScenarioError",
    "VpbxError",
    "__version__",
    "check",
    "draw",
    "load",
    "paths",
    "run",
    "schema",
    "write_report",
]

_ELSEWHERE = {
    "FileError": "vpbx.errors",
    "Problem": "vpbx.errors",
    "ScenarioError": "vpbx.errors",
    "VpbxError": "vpbx.errors",
    "Estimate": "vpbx.measures.result",
    "Result": "vpbx.measures.result",
    "Scenario": "vpbx.scenario.models",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'vpbx' has no attribute {name!r}")
    return getattr(import_module(_ELSEWHERE.get(name, "vpbx.api")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
