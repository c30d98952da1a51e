"""Writing the dictionary: its forms by name, as files of a folder."""

from collections.abc import Callable, Sequence
from pathlib import Path

from assets.errors import UsageError
from assets.home import PUBLIC_FILE, write_whole
from assets.publication.dictionary.as_html import dictionary_html
from assets.publication.dictionary.as_markdown import dictionary_markdown
from assets.publication.dictionary.as_workbook import dictionary_workbook
from assets.publication.dictionary.content import Dictionary

_FORMS: dict[str, Callable[[Dictionary], bytes]] = {
    "md": lambda dictionary: dictionary_markdown(dictionary).encode(),
    "html": lambda dictionary: dictionary_html(dictionary).encode(),
    "xlsx": dictionary_workbook,
}


def write_dictionary(dictionary: Dictionary, folder: Path, forms: Sequence[str]) -> list[Path]:
    """Write ``dictionary.<form>`` for each of the forms md, html, xlsx; the paths. Raises ``UsageError`` for another form."""
    unknown = [form for form in forms if form not in _FORMS]
    if unknown or not forms:
        raise UsageError(
            f"--formats: {', '.join(unknown) or 'nothing'} is no form of the dictionary; choose of {', '.join(_FORMS)}"
        )
    paths = [folder / f"dictionary.{form}" for form in forms]
    for form, path in zip(forms, paths, strict=True):
        write_whole(path, _FORMS[form](dictionary), PUBLIC_FILE)
    return paths


def write_page(path: Path, dictionary: Dictionary) -> None:
    """Write the HTML page that goes with a publication as ``path``, in the folder in which it is built."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(_FORMS["html"](dictionary))
