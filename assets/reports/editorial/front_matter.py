"""The YAML head of an editorial file: found, read strictly, checked against a model, every fault with its line.

Keys may be English or Chinese. The words for a fault are in ``head_faults.py``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from assets.home import storage_errors
from assets.reports.editorial.findings import FileFindings
from assets.reports.editorial.head_faults import KEYS, NO_SUCH_DAY, NOT_A_MAPPING, NOT_YAML, fault_text, shown_key
from assets.reports.printable import UNPRINTABLE
from assets.yaml_lines import nodes_to

FENCE = "---"
Place = tuple[int | str, ...]
# an alias of itself is read without end, and a tag may ask for a type that its text is not
_NOT_NEEDED = (yaml.AliasToken, yaml.AnchorToken, yaml.TagToken)


class Matter(BaseModel):
    """Base of what a head may hold: no other keys, and each value of its own type (``印数: "91"`` is a text, not a number)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)


MatterType = TypeVar("MatterType", bound=Matter)


@dataclass(frozen=True)
class EditorialFile:
    """An editorial file's parts; ``body_line`` is the line of the file on which the body begins."""

    file: Path
    head: str
    body: str
    body_line: int


@dataclass(frozen=True)
class ReadHead(Generic[MatterType]):
    """A head that fits its model, and where its values are."""

    matter: MatterType
    node: yaml.Node | None

    def line(self, *place: int | str) -> int:
        """The line of the file on which the value at ``place`` begins."""
        return _line(self.node, place)


def read_editorial_file(file: Path, findings: FileFindings) -> EditorialFile | None:
    """The head (empty where there is none) and the body of ``file``; ``None`` where it is no text or its head has no end."""
    with storage_errors(file):
        content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        findings.error(content.count(b"\n", 0, error.start) + 1, "不是 UTF-8 编码；请另存为 UTF-8")
        return None
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if UNPRINTABLE.search(line) or "\r" in line:
            findings.error(number, "有看不见的控制字符；请重新录入这一行")
    return _split(file, lines, findings)


def _split(file: Path, lines: list[str], findings: FileFindings) -> EditorialFile | None:
    if lines[0].rstrip() != FENCE:
        return EditorialFile(file, "", "\n".join(lines), 1)
    for number, line in enumerate(lines[1:], start=2):
        if line.rstrip() == FENCE:
            return EditorialFile(file, "\n".join(lines[1 : number - 1]), "\n".join(lines[number:]), number + 1)
    findings.error(1, f"从这里开始的文件头没有结尾；请在它之后加一行 {FENCE}")
    return None


def read_matter(source: EditorialFile, model: type[MatterType], findings: FileFindings) -> ReadHead[MatterType] | None:
    """The head as a value of ``model``; ``None``, with a finding for every fault, where it does not fit."""
    before = len(findings.found)
    try:
        if foreign := [token for token in yaml.scan(source.head, Loader=yaml.SafeLoader) if isinstance(token, _NOT_NEEDED)]:
            findings.error(foreign[0].start_mark.line + 2, NOT_YAML)
            return None
        node = yaml.compose(source.head, Loader=yaml.SafeLoader)
        values = _values(node, findings) if node else {}
    except yaml.YAMLError as error:
        # the library's message would quote the line
        findings.error(_fault_line(source, error), NOT_YAML)
        return None
    if not isinstance(values, dict):
        findings.error(2, NOT_A_MAPPING)
        return None
    told = {finding.line for finding in findings.found[before:]}
    matter, faults = _validated(model, values)
    for fault in faults:
        line = _line(node, fault["loc"])
        # a day that does not exist was reported already; the model sees no date there
        if line not in told:
            findings.error(line, fault_text(fault, _keys(model, fault["loc"])))
    return None if matter is None or told else ReadHead(matter, node)


def _fault_line(source: EditorialFile, error: yaml.YAMLError) -> int:
    if isinstance(error, yaml.reader.ReaderError):
        return source.head.count("\n", 0, error.position) + 2
    mark = getattr(error, "problem_mark", None)
    return mark.line + 2 if mark else 1


def _validated(model: type[MatterType], values: dict[str, Any]) -> tuple[MatterType | None, list[Any]]:
    try:
        return model.model_validate(values), []
    except ValidationError as error:
        # the error is not passed on: it holds the values
        return None, list(error.errors(include_input=False, include_url=False))


def _keys(model: type[Matter], place: Place) -> tuple[str, ...]:
    """The keys that the mapping around ``place`` may have."""
    return tuple(model.model_fields) if len(place) < 2 else ("department", "post", "name")


def _values(node: yaml.Node, findings: FileFindings) -> Any:
    """The plain values under ``node``, keys in English; YAML itself would silently take the last of two equal keys."""
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = _key(key_node)
            if key in values:
                findings.error(key_node.start_mark.line + 2, f"{shown_key(key)}写了两次")
            values[key] = _values(value_node, findings)
        return values
    if isinstance(node, yaml.SequenceNode):
        return [_values(part, findings) for part in node.value]
    try:
        return yaml.SafeLoader("").construct_object(node)
    except ValueError:
        findings.error(node.start_mark.line + 2, NO_SUCH_DAY)
        return None


def _key(node: yaml.Node) -> str:
    return KEYS.get(str(node.value), str(node.value))


def _line(node: yaml.Node | None, place: Place) -> int:
    """The line of the file of the deepest node on the way to ``place``; the head begins on line 2."""
    line = node.start_mark.line if node else 0
    for key, _ in nodes_to(node, place, _key):
        line = key.start_mark.line
    return line + 2
