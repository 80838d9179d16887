"""The pictures of a report, in the order of the page: name, caption, and the function behind it.

Belongs here: the list, and making all of a Result's pictures. Does not belong here: drawing
(`figures_queue`, `figures_waits`, `figures_system`, `figures_pbx`, `flow_picture`).
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from vpbx.measures.result import Result
from vpbx.report import figures_pbx, figures_queue, figures_system, figures_waits, flow_picture
from vpbx.report.style import Theme
from vpbx.scenario.models import Scenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Kind(NamedTuple):
    """A sort of picture: file stem, one-line caption for the page, and what draws it."""

    name: str
    caption: str
    draw: "Callable[[Result, Theme], Figure | None]"


class Picture(NamedTuple):
    """A picture made: its file stem, its caption and the figure."""

    name: str
    caption: str
    figure: "Figure"
    width_px: int = 0
    """Its own width on a page; 0: as wide as the text."""


KINDS = (
    Kind(
        "wait_over_the_day",
        "Wait of answered calls by the time they joined the queue. The line is the mean; the band "
        "its 95 % confidence interval over the replications.",
        figures_queue.wait_over_the_day,
    ),
    Kind(
        "queue_over_the_day",
        "How many callers stood in the queue: the mean over each interval, and the most at once "
        "(mean over the replications).",
        figures_queue.queue_over_the_day,
    ),
    Kind(
        "calls_over_the_day",
        "Calls that joined the queue in each interval, by what became of them.",
        figures_queue.calls_over_the_day,
    ),
    Kind(
        "outcomes_over_the_day",
        "All calls in each interval, by how they ended: those served below, those lost above.",
        figures_pbx.outcomes_over_the_day,
    ),
    Kind(
        "offers_over_the_day",
        "What callers took in place of waiting on the line, by the interval in which they joined; and "
        "messages, which wait for the agents' quiet time.",
        figures_pbx.offers_over_the_day,
    ),
    Kind(
        "service_level_over_the_day",
        "Share of calls answered within the threshold, by the interval in which they joined.",
        figures_queue.service_level_over_the_day,
    ),
    Kind(
        "wait_distribution",
        "How many calls waited how long, on a logarithmic scale, so that the rare long waits show. "
        "Dotted lines: the share of answered calls that waited no longer.",
        figures_waits.wait_distribution,
    ),
    Kind(
        "week_heat_map",
        "By weekday and hour of arrival: mean over the weeks and replications.",
        figures_waits.week_heat_map,
    ),
    Kind(
        "agents_and_load",
        "Agents on the phone, how many of them were busy, and the offered load: where the load is "
        "above the staff (above the conversations that they can hold, where several at once), the "
        "queue grows.",
        figures_system.agents_and_load,
    ),
    Kind(
        "trunk_use",
        "Channels held on each bundle of lines, against the channels that there are.",
        figures_system.trunk_use,
    ),
    Kind(
        "menu_funnel",
        "How callers left each node of the call flow that has more than one way out.",
        figures_system.menu_funnel,
    ),
)


_FLOW_PX_PER_IN = 115
"""Its smallest text, 7 points, is then 11 pixels high."""
FLOW_CAPTION = (
    "The call flow: what share of all calls went along each way, and how long the answered waited."
)


def pictures(result: Result, scenario: Scenario, theme: Theme) -> Iterator[Picture]:
    """Every picture for which the Result has something to show, in the order of the page."""
    for kind in KINDS:
        figure = kind.draw(result, theme)
        if figure is not None:
            yield Picture(kind.name, kind.caption, figure)
    flow = flow_picture.flow_figure(scenario, theme, flow_picture.figures_of_result(result))
    yield Picture("call_flow", FLOW_CAPTION, flow, round(flow.get_figwidth() * _FLOW_PX_PER_IN))
