"""The bulletin as one HTML file for a phone and for print: no network, no script; printed, it is the GB page alone."""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from assets.reports.document import DRAFT, Bulletin
from assets.reports.facts.facts import IssueFacts
from assets.reports.formats.html_page import page_of

TEMPLATE = "bulletin.html.j2"


def render_html(facts: IssueFacts, bulletin: Bulletin) -> str:
    """The whole page; every text is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("assets.reports.formats").joinpath(TEMPLATE).read_text(encoding="utf-8"))
    return template.render(bulletin=bulletin, draft=DRAFT, page=page_of(facts, bulletin)) + "\n"
