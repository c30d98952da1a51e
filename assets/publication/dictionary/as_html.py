"""The dictionary as one HTML file that needs no network, with a search that filters while one types."""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from assets.publication.dictionary.content import Dictionary

TEMPLATE = "page.html.j2"


def dictionary_html(dictionary: Dictionary) -> str:
    """The whole page; every text is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8"))
    return template.render(dictionary=dictionary) + "\n"
