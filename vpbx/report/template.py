"""Pages from templates: jinja2's one place.

Belongs here: how a template is filled, and the style that all pages share. Does not belong here: what
stands on a page (`page`, `benchmark`).
"""

from pathlib import Path

from vpbx.report.style import DARK, LIGHT, css_variables

TEMPLATES = Path(__file__).parent / "templates"


def fill(template: str, **values: object) -> str:
    """The template with these values; texts are escaped, unknown names are errors."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(
        css=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        light=Markup(css_variables(LIGHT)),
        dark=Markup(css_variables(DARK)),
        **values,
    )
