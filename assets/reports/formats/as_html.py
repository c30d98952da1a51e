"""The bulletin as one HTML file: no network, no script, a print stylesheet for A4."""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from assets.reports.document import DRAFT, Bulletin

TEMPLATE = "bulletin.html.j2"


def render_html(bulletin: Bulletin) -> str:
    """The whole page; every text is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("assets.reports.formats").joinpath(TEMPLATE).read_text(encoding="utf-8"))
    return template.render(bulletin=bulletin, draft=DRAFT) + "\n"
