"""How pictures look: colours, sizes, fonts, and matplotlib set up to give the same bytes again.

Belongs here: the two themes and everything that all figures share about looks. Does not belong
here: what a figure shows (`figures`), the page around it (`page`).

The palette is that of Okabe and Ito (2008), which readers with any kind of colour blindness can
tell apart; the dark theme has lighter relatives of the same hues. A figure is drawn once, in light
colours; on the page its colours become CSS custom properties, so that one drawing serves both
backgrounds.
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH_IN = 7.6
"""Width of every figure: text of 9 points then measures 12 pixels on a page 720 pixels wide."""
ROW_IN = 2.15
"""Height of one row of axes where several queues stand under each other."""
PNG_DPI = 150


@dataclass(frozen=True)
class Theme:
    """Colours by what they stand for, as lower-case `#rrggbb`; no two of a theme are equal."""

    name: str
    paper: str
    ink: str
    muted: str
    grid: str
    busy: str
    """The busy hour's stripe."""
    wait: str
    offered: str
    answered: str
    abandoned: str
    blocked: str
    target: str
    accent: str
    """A second line of the same kind (maximum, percentile)."""
    staff: str
    soft: str
    """Quiet fills: nodes of a graph, rest of a bar."""

    def roles(self) -> dict[str, str]:
        """Colour by role, without the theme's name."""
        return {field.name: getattr(self, field.name) for field in fields(self)[1:]}


LIGHT = Theme(
    name="light",
    paper="#ffffff",
    ink="#1b1f24",
    muted="#5a6470",
    grid="#dfe3e8",
    busy="#f6e3b4",
    wait="#0072b2",
    offered="#333a42",
    answered="#009e73",
    abandoned="#d55e00",
    blocked="#a34a7e",
    target="#7a2e00",
    accent="#e69f00",
    staff="#56b4e9",
    soft="#eef1f5",
)

DARK = Theme(
    name="dark",
    paper="#14181d",
    ink="#e8ebef",
    muted="#a3adb8",
    grid="#353d47",
    busy="#4a3f1f",
    wait="#5bb8f0",
    offered="#c9d1da",
    answered="#2cc295",
    abandoned="#ff8a4c",
    blocked="#e3a3c9",
    target="#ffc6a3",
    accent="#f2b632",
    staff="#2f81b7",
    soft="#232a32",
)

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def _settings(theme: Theme) -> Any:
    """Settings of matplotlib for a theme."""
    return {
        "font.family": ["DejaVu Sans", "sans-serif"],
        "font.size": 9.0,
        "axes.titlesize": 9.5,
        "axes.labelsize": 9.0,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "legend.fontsize": 8.5,
        "figure.facecolor": theme.paper,
        "savefig.facecolor": theme.paper,
        "axes.facecolor": theme.paper,
        "axes.edgecolor": theme.muted,
        "axes.labelcolor": theme.ink,
        "axes.titlelocation": "left",
        "axes.titley": 1.0,
        "axes.titlecolor": theme.ink,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.color": theme.grid,
        "grid.linewidth": 0.7,
        "xtick.color": theme.muted,
        "ytick.color": theme.muted,
        "xtick.labelcolor": theme.ink,
        "ytick.labelcolor": theme.ink,
        "text.color": theme.ink,
        "legend.frameon": False,
        "legend.labelcolor": theme.ink,
        "legend.handlelength": 1.6,
        "lines.linewidth": 1.6,
        "text.parse_math": False,  # a user's name may hold dollar signs
        "svg.fonttype": "none",
        "svg.hashsalt": "vpbx",
        "axes.unicode_minus": True,
    }


def drawing(theme: Theme) -> Any:
    """Context in which figures of a theme are made and saved (no display is needed)."""
    import matplotlib as mpl

    mpl.use("Agg", force=False)
    return mpl.rc_context(_settings(theme))


def new_figure(height_in: float, width_in: float = WIDTH_IN) -> "Figure":
    """Empty figure of a height in inches, laid out so that no label is cut."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width_in, height_in), layout="constrained")


def css_variables(theme: Theme) -> str:
    """CSS declarations of a theme's colours: `--ink: #1b1f24; …`."""
    return " ".join(f"--{role}: {colour};" for role, colour in theme.roles().items())
