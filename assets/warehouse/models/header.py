"""The YAML header of a model as typed values, with the line of each value.

Reads the text of one file. Whether header and query fit together is checked in ``lint/checks.py``.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from assets.warehouse.models.findings import Finding
from assets.yaml_lines import LOADER, nodes_to, repeated_keys

_LAYOUT = re.compile(r"\A\s*/\*\n(?P<yaml>.*?)\n\*/\s*\n(?P<query>.*)\Z", re.DOTALL)
_RULE = "header"


class ModelColumn(BaseModel):
    """One column of a model, as its header promises it.

    ``nullable`` is given only where it differs from the default: a column of the grain is never empty, any other may be. ``codes``
    names the code list of the feed contract for its values; ``values`` lists (further) values with their words.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    description: str
    nullable: bool | None = None
    codes: str | None = None
    values: dict[str, str] | None = None


class ModelHeader(BaseModel):
    """The YAML at the top of a model, which readers, the dictionary and the checks use."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str
    grain: tuple[str, ...]
    owner: str
    kind: Literal["table", "view", "merge", "sum"]
    newest_by: tuple[str, ...] = ()
    columns: dict[str, ModelColumn]
    nuance: str | None = None
    checks: tuple[str, ...] = ()

    @property
    def relation(self) -> str:
        """What it is in the database."""
        return "view" if self.kind == "view" else "table"


@dataclass(frozen=True)
class HeaderText:
    """The header's text, to find the line of a part of it."""

    text: str
    first_line: int

    @cached_property
    def _tree(self) -> yaml.Node | None:
        return yaml.compose(self.text, Loader=LOADER)

    def line_of(self, *place: str | int) -> int:
        """The line of the deepest part of ``place`` that exists: ``line_of("columns", "event_date")``."""
        line = 0
        for key, _ in nodes_to(self._tree, place):
            line = key.start_mark.line
        return self.first_line + line

    def repeated_keys(self) -> list[tuple[int, str]]:
        """Line and name of each repeated key: YAML keeps the last one in silence."""
        return [(self.first_line + node.start_mark.line, str(node.value)) for node in repeated_keys(self._tree)]


@dataclass(frozen=True)
class ModelText:
    """The parts of one file: the header, typed and as text, and the query with its first line."""

    header: ModelHeader
    header_text: HeaderText
    query: str
    query_line: int


def query_of(text: str) -> str:
    """The query in a model file's ``text``; the whole text if it has no header."""
    match = _LAYOUT.match(text)
    return match["query"] if match else text


def take_apart(path: Path, text: str) -> ModelText | list[Finding]:
    """The parts of a model file's ``text``, or every fault of its header."""
    match = _LAYOUT.match(text)
    if match is None:
        fix = "write the header between a line '/*' and a line '*/' at the top of the file, the query after it"
        return [Finding(path, 1, _RULE, "a model begins with its YAML header, and here is none", fix)]
    written = HeaderText(match["yaml"], 1 + text.count("\n", 0, match.start("yaml")))
    try:
        document: Any = yaml.load(match["yaml"], Loader=LOADER)
        repeated = written.repeated_keys()
    except yaml.YAMLError as error:
        return [_unreadable(path, written.first_line, error)]
    findings = [Finding(path, line, _RULE, f"`{key}` occurs here a second time", "keep one of them") for line, key in repeated]
    try:
        header = ModelHeader.model_validate(document)
    except ValidationError as error:
        return findings + [_invalid(path, written, item) for item in error.errors()]
    return findings or ModelText(header, written, match["query"], 1 + text.count("\n", 0, match.start("query")))


def _unreadable(path: Path, first_line: int, error: yaml.YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it cannot be read"
    fix = "see to indentation, brackets and colons; put a text that holds ': ' or ', ' in quotes"
    return Finding(path, first_line + (mark.line if mark else 0), _RULE, f"the header is not YAML: {problem}", fix)


def _invalid(path: Path, written: HeaderText, item: Any) -> Finding:
    place = ".".join(map(str, item["loc"]))
    line = written.line_of(*item["loc"])
    if item["type"] == "missing":
        return Finding(path, line, _RULE, f"`{place}` is missing", f"add `{item['loc'][-1]}:` to the header here")
    if item["type"] == "extra_forbidden":
        known = ", ".join(ModelColumn.model_fields if len(item["loc"]) > 1 else ModelHeader.model_fields)
        return Finding(path, line, _RULE, f"`{place}` is not a word of a header", f"take it out, or write one of {known}")
    return Finding(path, line, _RULE, f"`{place}`: {item['msg']}", "write it as the headers of other models do")
