"""A figure as bytes: PNG and SVG files, and SVG that stands inside a page.

Belongs here: saving, and turning a drawing in light colours into one that takes its colours from
the page. Does not belong here: drawing, writing files.
"""

import io
import re
from html import escape
from typing import TYPE_CHECKING

from vpbx.report.style import PNG_DPI, Theme, drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'(xlink:href="#|url\(#|\bhref="#)([^")]+)')
_HEAD = re.compile(r"^.*?<svg\b[^>]*?viewBox=\"([^\"]+)\"[^>]*>", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_PATH = re.compile(r' d="[^"]*"')
_FRACTION = re.compile(r"(\.\d{2})\d+")
_STYLE = re.compile(r"\s*<defs>\s*<style[^>]*>.*?</style>\s*</defs>", re.DOTALL)
_BACKGROUND = re.compile(r'\s*<g id="patch_1">.*?</g>', re.DOTALL)


def png(figure: "Figure", theme: Theme) -> bytes:
    """The figure as PNG; the same bytes every time."""
    buffer = io.BytesIO()
    with drawing(theme):
        figure.savefig(buffer, format="png", dpi=PNG_DPI, metadata={"Software": None})
    return buffer.getvalue()


def settle(figure: "Figure") -> None:
    """Keep a layout that has been drawn once: later drawings need not find it again."""
    figure.set_layout_engine(None)


def svg(figure: "Figure", theme: Theme) -> str:
    """The figure as an SVG document; the same text every time."""
    buffer = io.StringIO()
    with drawing(theme):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def inline(document: str, name: str, description: str, theme: Theme) -> str:
    """An SVG document as an element of a page: colours by CSS property, ids its own, text kept.

    The element scales to the width it is given; `description` is what a screen reader says.
    """
    head = _HEAD.match(document)
    if head is None:
        raise ValueError("not an SVG document")
    body = _METADATA.sub("", document[head.end() :])
    body = _STYLE.sub("", body, count=1)  # it would hold for the whole page, which has its own
    body = _BACKGROUND.sub("", body, count=1)
    body = _ID.sub(rf'id="{name}-\1"', body)
    body = _REFERENCE.sub(rf"\1{name}-\2", body)
    body = _compact(_by_property(body, theme))
    label = escape(description, quote=True)
    return (
        f'<svg role="img" aria-label="{label}" viewBox="{head[1]}" '
        f'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{body}'
    )


def _by_property(body: str, theme: Theme) -> str:
    """Each of the theme's colours becomes the CSS property of its role."""
    by_colour = {colour: f"var(--{role})" for role, colour in theme.roles().items()}
    return re.sub(r"#[0-9a-f]{6}\b", lambda found: by_colour.get(found[0], found[0]), body)


def _compact(body: str) -> str:
    """The same drawing in fewer bytes: no comments, no line ends inside paths."""
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = _PATH.sub(lambda found: _FRACTION.sub(r"\1", found[0]), body)
    return re.sub(r"\s*\n\s*", "\n", body)
