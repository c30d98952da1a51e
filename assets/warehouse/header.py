"""The YAML header of a model as typed values, with the line of each value.

Reads the text of one file. Whether header and query fit together is checked in ``model_checks.py``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from assets.warehouse.findings import Finding

_LAYOUT = re.compile(r"\A\s*/\*\n(?P<yaml>.*?)\n\*/\s*\n(?P<query>.*)\Z", re.DOTALL)
_RULE = "header"
# the same in C, ten times as fast, where the library was built with it
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
        return yaml.compose(self.text, Loader=_LOADER)

    def line_of(self, *place: str | int) -> int:
        """The line of the deepest part of ``place`` that exists: ``line_of("columns", "event_date")``."""
        node, line = self._tree, self.first_line
        for part in place:
            found = _child(node, part)
            if found is None:
                return line
            line, node = self.first_line + found[0].start_mark.line, found[1]
        return line

    def repeated_keys(self) -> list[tuple[int, str]]:
        """Line and name of each repeated key: YAML keeps the last one in silence."""
        return [(self.first_line + node.start_mark.line, str(node.value)) for node in _repeated(self._tree)]


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
        document: Any = yaml.load(match["yaml"], Loader=_LOADER)
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
        return Finding(path, line, _RULE, f"`{place}` is no word of a header", f"take it out, or write one of {known}")
    return Finding(path, line, _RULE, f"`{place}`: {item['msg']}", "write it as the headers of other models do")


def _child(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The node that names ``part`` within ``node``, and its value."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def _repeated(node: yaml.Node | None) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key
            seen.add(key.value)
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(item)
