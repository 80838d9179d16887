"""The scopes of targets: `support` → `queue.support`.

Belongs here: finding what a scope names, and whether that has the measure. Does not belong here:
the grammar (`targets`), verdicts (`measures.verdicts`).
"""

from collections.abc import Collection
from dataclasses import replace

from vpbx.scenario.findings import Findings, listed
from vpbx.scenario.lines import trunk_names
from vpbx.scenario.models import Scenario
from vpbx.scenario.suggest import did_you_mean
from vpbx.scenario.targets import AIMS, HOURLY_SCOPES, SCOPE_KINDS, Target


class UnknownScope(ValueError):
    """A scope names nothing, or more than one thing."""


def names_by_kind(scenario: Scenario) -> dict[str, Collection[str]]:
    """The names that each kind of scope has."""
    sections = (
        scenario.queues,
        scenario.agents,
        scenario.callers,
        scenario.numbers,
        trunk_names(scenario),
    )
    return dict(zip(SCOPE_KINDS, sections, strict=True))


def resolved(target: Target, scenario: Scenario) -> Target:
    """The target with its scope in full; raises `ValueError` saying what is wrong with it."""
    target = replace(target, scope=_scope(target.scope, names_by_kind(scenario)))
    kind = target.scope.partition(".")[0]
    scopes = AIMS[target.measure].scopes
    if target.by:
        scopes = HOURLY_SCOPES.get(target.measure, scopes)
    if kind not in scopes:
        measure = f"{target.measure} by {target.by}" if target.by else target.measure
        having = listed([_in_words(scope) for scope in scopes])
        raise ValueError(f"{measure} is a measure of {having}, not of {_in_words(kind)}")
    return target


def _in_words(kind: str) -> str:
    return f"a {kind}" if kind else "the whole run"


def _scope(scope: str, names: dict[str, Collection[str]]) -> str:
    kind, dot, name = scope.partition(".")
    if dot and kind in names:
        if name not in names[kind]:
            raise UnknownScope(f'there is no {kind} "{name}"{did_you_mean(name, names[kind])}')
        return scope
    if scope in ("", "all"):
        return ""
    kinds = [kind for kind, known in names.items() if scope in known]
    if len(kinds) > 1:
        choice = listed([f"{kind}.{scope}" for kind in kinds])
        raise UnknownScope(f'"{scope}" is {listed(kinds, "and")} at once; write {choice}')
    if not kinds:
        everything = [name for known in names.values() for name in known]
        hint = did_you_mean(scope, everything)
        raise UnknownScope(f'there is no {listed(SCOPE_KINDS)} "{scope}"{hint}')
    return f"{kinds[0]}.{scope}"


def check_targets(found: Findings) -> None:
    """Notes every problem of the section `targets`."""
    for place, target in enumerate(found.scenario.targets):
        try:
            resolved(target, found.scenario)
        except UnknownScope as error:
            found.add(("targets", place), str(error), "unknown-scope")
        except ValueError as error:
            found.add(("targets", place), str(error), "wrong-scope")


def resolve_targets(scenario: Scenario) -> tuple[Target, ...]:
    """The targets of a checked scenario with their scopes in full: `queue.support`, or ""."""
    return tuple(resolved(target, scenario) for target in scenario.targets)
