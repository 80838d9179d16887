"""The section `callers` of a fitted scenario.

Belongs here: volumes, profiles, patience, redials as text. Does not belong here: the rest of the
scenario (`text`).
"""

import math
from collections.abc import Iterator

import numpy as np

from vpbx.codes import Outcome
from vpbx.fit.arrivals import ArrivalFit, DayGroup
from vpbx.fit.fitted import Patience
from vpbx.fit.law import condensed, fit_law
from vpbx.fit.patience import PatienceFit
from vpbx.fit.writing import NUMBER, Writing, about, quoted
from vpbx.scenario.hours import DAYS


def callers(w: Writing) -> None:
    """Write the section."""
    fit = w.fitted.arrivals
    if not w.plan.trace:
        w.add(*_about_arrivals(fit))
    w.add("callers:")
    for c, name in enumerate(w.fitted.classes.names):
        if w.plan.trace:
            w.add(f"  {quoted(name)}:", *_common(w, c))
            select = f"select: {{class: {quoted(name)}}}"
            w.add(f"    trace: {{file: {w.plan.trace}, {select}}}")
        else:
            _random_class(w, c, name)


def entries(w: Writing) -> list[tuple[int, str]]:
    """Caller classes as the scenario has them: (class, name)."""
    classes, fit = w.fitted.classes, w.fitted.arrivals
    if w.plan.trace:
        return list(enumerate(classes.names))
    return [
        (c, _class_name(name, fit, g))
        for c, name in enumerate(classes.names)
        for g in range(len(fit.groups))
        if fit.profile(c, fit.groups[g]).any()
    ]


def _class_name(name: str, fit: ArrivalFit, g: int) -> str:
    """The busiest weekdays' class has the plain name, others that of their weekdays."""
    if g == 0:
        return name
    return f"{name}_{'_'.join(DAYS[w] for w in fit.groups[g].weekdays)}"


def _random_class(w: Writing, c: int, name: str) -> None:
    """A class for each group of weekdays; all but the first take over what the first says."""
    fit, first = w.fitted.arrivals, ""
    for g, group in enumerate(fit.groups):
        if not fit.profile(c, group).any():
            continue
        own = _class_name(name, fit, g)
        w.add(f"  {quoted(own)}:")
        w.add(*([f"    extends: {quoted(first)}"] if first else _common(w, c)))
        w.add(*_load(fit, c, group))
        first = first or own


def _load(fit: ArrivalFit, c: int, group: DayGroup) -> Iterator[str]:
    """Volume, profile and weekdays of a class on a group of weekdays."""
    means = fit.volume[c]
    volume = float(np.mean([means[w] for w in group.weekdays]))
    error = math.sqrt(sum(fit.volume_se[c, w] ** 2 for w in group.weekdays)) / len(group.weekdays)
    yield f"    volume: {volume:.5g}/day  # ± {1.96 * error:.2g}"
    weights = ", ".join(str(n) for n in fit.profile(c, group).tolist())
    yield f"    profile: [{weights}]"
    factors = {w: means[w] / volume if w in group.weekdays else 0.0 for w in range(7)}
    told = ", ".join(f"{DAYS[w]}: {factor:.4g}" for w, factor in factors.items())
    yield f"    weekdays: {{{told}}}"
    if fit.cv > 0:
        yield f"    busyness: {{cv: {min(fit.cv, 1.0):.3g}}}"


def _about_arrivals(fit: ArrivalFit) -> Iterator[str]:
    yield (
        f"# Arrivals: first attempts on {len(fit.days)} days, weights by {fit.width_min} min "
        "(calls counted)."
    )
    if math.isnan(fit.cv):
        yield "# Busyness: unknown, no weekday occurs twice."
    else:
        yield (
            f"# Busyness: days differ by cv {fit.cv:.1%} ± {1.96 * fit.cv_se:.1%} beyond chance, "
            "weekday apart."
        )
    for what, days in (("without any call, left out", fit.missing), ("far below", fit.unusual)):
        if days:
            yield f"# Days {what}: {', '.join(map(str, days))}."


def _common(w: Writing, c: int) -> Iterator[str]:
    """What a class has whatever its load: number, priority, patience, redials."""
    fitted, classes = w.fitted, w.fitted.classes
    yield f'    dials: {{"{NUMBER}": 100%}}'
    if classes.priority[c]:
        yield f"    priority: {classes.priority[c]}"
    own = fitted.patience[c]
    if own.fit is not None:
        name = "patience_all" if own.pooled else f"patience_{classes.names[c]}"
        yield f"    # {_about_patience(own.fit)}{'; of all classes together' if own.pooled else ''}"
        yield f"    patience: {quoted(w.values(name, own.fit.values_s))}"
        yield from _crowded(w, classes.names[c], own)
    if fitted.ivr is not None and fitted.ivr_patience is not None:
        yield f"    ivr_patience: {quoted(w.values('ivr_patience', fitted.ivr_patience.values_s))}"
    if fitted.redial is not None and not w.plan.trace:
        yield from _redial(w)


def _crowded(w: Writing, name: str, own: Patience) -> Iterator[str]:
    """Patience of callers who find many waiting."""
    if not own.crowded:
        return
    rates = ", ".join(
        f"{1000 * one.n_abandoned / one.waited_s:.1f}"
        for one in (own.fit, *(band.fit for band in own.crowded))
        if one is not None
    )
    yield f"    # who finds many waiting gives up sooner: {rates} in 1000 s waited, by band"
    yield "    crowded:"
    for band in own.crowded:
        file = f"patience_{'all' if band.pooled else name}_{band.waiting}"
        yield f"      {band.waiting}: {quoted(w.values(file, band.fit.values_s))}"


def _about_patience(fit: PatienceFit) -> str:
    return (
        f"Kaplan-Meier of {fit.n:,} waits, {fit.n_abandoned:,} given up; seen up to "
        f"{fit.tail_from_s:.0f} s, beyond (assumed, {fit.tail_share:.0%} of callers): exponential, "
        f"mean {fit.tail_mean_s:.0f} s more"
    )


def _redial(w: Writing) -> Iterator[str]:
    fit = w.fitted.redial
    assert fit is not None
    names = {Outcome.ABANDONED: "abandoned", Outcome.ABANDONED_IVR: "abandoned_ivr",
             Outcome.BLOCKED: "blocked"}  # fmt: skip
    after = ", ".join(f"{names[cause]}: {share:.4f}" for cause, (share, _, _) in fit.after.items())
    errors = ", ".join(f"± {1.96 * error:.3f} of {n:,}" for _, error, n in fit.after.values())
    delay = fit_law(condensed(fit.delays_s))
    yield f"    # redials within an hour by the same caller: {errors}; delay: {about(delay)}"
    yield (
        f"    redial: {{after: {{{after}}}, delay: {quoted(w.law('redial_delay', delay))}, "
        f"attempts: {min(fit.attempts, 100)}}}"
    )
