"""The page of a plan of channels.

Belongs here: its tables, picture and sentences. Does not belong here: the study; what is shown comes as
the plain data that `study.json` holds.
"""

from typing import TYPE_CHECKING, Any

from vpbx.report import words
from vpbx.report.page import MARKS, Verdict
from vpbx.report.study_page import Chart, Section, StudyPage, columns_of, effort_sentences
from vpbx.report.style import Theme, new_figure
from vpbx.report.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Data = dict[str, Any]


def page(data: Data) -> StudyPage:
    """All that stands on the page."""
    chart = Chart(
        "channels",
        "Channels by definition of the busy hour: Erlang B, Erlang B with redials, and the plan found by "
        "simulation for the definition named.",
        lambda theme: _figure(data, theme),
    )
    return StudyPage(
        title=f"How many channels: {data['scenario']}",
        byline=", ".join(trunk["trunk"] for trunk in data["trunks"]),
        sentences=tuple(text for trunk in data["trunks"] for text in sentences(trunk)),
        verdicts=tuple(_verdict(trunk) for trunk in data["trunks"]),
        sections=(Section("By definition", charts=(chart,), tables=(table(data),)),),
        method=(
            "Traffic is measured with so many channels that nobody is refused: its busy hours are those "
            "of the definition (TCBH and ADPH: ITU-T E.600; the N-th busiest day of each 30: planning that "
            "forgives N - 1 days). With fewer channels, the same callers on the same days, the share of "
            "attempts refused in those hours is counted; callers who call again after a busy tone are "
            "attempts, too. A number of channels is accepted when the upper end of the one-sided 95 % "
            "interval is within the target, and confirmed on as many fresh runs.",
            "Erlang B (1917) takes the traffic of the hour as constant and forgets who was refused; with "
            "redials, the load grows until it carries its own echo: L = a + r B(L) L.",
            *effort_sentences(data["effort"]),
        ),
        run=f"{data['simulated']:,} runs simulated; seed {data['seed']}.",
    )


def sentences(trunk: Data) -> list[str]:
    """The answer for a trunk, the proof, and what another definition would say."""
    chosen = trunk["definitions"][0]
    counts = [one["erlang_b"] for one in trunk["definitions"]]
    found = [
        f"{trunk['trunk']}: {trunk['channels']} channels keep the share refused within "
        f"{words.share(trunk['target'])} in the {chosen['words']} ({chosen['erlang']:.1f} erlang): "
        f"{words.share(trunk['blocked'])} ± {words.half_width(trunk['blocked_half_width'], 'share')}, at "
        f"most {words.share(trunk['blocked_upper'])} (one-sided); on fresh days "
        f"{words.share(trunk['fresh_blocked'])}. The scenario has {trunk['before']}.",
        f"One channel fewer: {words.share(trunk['one_fewer_blocked'])}, and it cannot be shown to stay "
        f"within the target (up to {words.share(trunk['one_fewer_upper'])}).",
        f"Erlang B says {chosen['erlang_b']}, with redials ({words.share(trunk['redial_share'])} call "
        f"again) {chosen['with_redials']}.",
    ]
    if max(counts) > min(counts):
        found.append(
            f"The definition matters: by Erlang B from {min(counts)} to {max(counts)} channels "
            f"({', '.join(one['name'] for one in trunk['definitions'])})."
        )
    return found


def table(data: Data) -> Table:
    """A row a trunk and definition."""
    rows = []
    for trunk in data["trunks"]:
        for i, one in enumerate(trunk["definitions"]):
            rows.append(
                (trunk["trunk"] if i == 0 else "", one["name"], one["words"], f"{one['erlang']:.1f}",
                 words.count(one["calls"]), str(one["erlang_b"]), str(one["with_redials"]),
                 str(trunk["channels"]) if i == 0 else "")
            )  # fmt: skip
    labels = ("trunk", "busy hour", "which is", "erlang", "calls in it", "Erlang B", "with redials")
    return Table("channels", "Channels", columns_of((*labels, "by simulation"), 3), tuple(rows))


def _verdict(trunk: Data) -> Verdict:
    kind = "met" if trunk["confirmed"] else "undecided"
    text = f"{trunk['trunk']}: blocked share ≤ {words.share(trunk['target'])}"
    return Verdict(kind, MARKS[kind], text, f"{trunk['channels']} channels", "", "", "")


def _figure(data: Data, theme: Theme) -> "Figure":
    """Bars by trunk and definition."""
    rows = [
        (f"{trunk['trunk']}, {one['name']}", one, trunk["channels"] if i == 0 else None)
        for trunk in data["trunks"]
        for i, one in enumerate(trunk["definitions"])
    ]
    figure = new_figure(1.1 + 0.55 * len(rows))
    axes = figure.subplots()
    places = list(range(len(rows)))
    by_b = [one["erlang_b"] for _, one, _ in rows]
    again = [one["with_redials"] for _, one, _ in rows]
    axes.barh([p - 0.2 for p in places], by_b, 0.36, color=theme.muted, label="Erlang B")
    axes.barh([p + 0.2 for p in places], again, 0.36, color=theme.staff, label="with redials")
    marks = [(place, found) for place, (_, _, found) in enumerate(rows) if found is not None]
    axes.plot(
        [found for _, found in marks], [place for place, _ in marks],
        "D", color=theme.wait, label="by simulation",
    )  # fmt: skip
    axes.set_yticks(places, [label for label, _, _ in rows])
    axes.invert_yaxis()
    axes.set_xlabel("channels")
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)
    return figure
