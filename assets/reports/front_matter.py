"""The YAML head of an editorial file: found, read strictly, checked against a model, every error with file and line.

Keys may be English or Chinese. Messages never repeat a value: some of them are people's names.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from assets.errors import UsageError
from assets.home import storage_errors
from assets.reports.printable import UNPRINTABLE

FENCE = "---"
KEYS = {
    "主办单位": "publisher",
    "日期": "date",
    "送": "send",
    "发": "distribute",
    "印数": "copies",
    "名单": "entries",
    "部门": "department",
    "职务": "post",
    "姓名": "name",
}


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


def read_editorial_file(file: Path) -> EditorialFile:
    """The head (empty where there is none) and the body of ``file``; raises UsageError where it is not printable UTF-8 text."""
    with storage_errors(file):
        content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        broken = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{file}:{broken}: not UTF-8; save the file as UTF-8") from error
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if UNPRINTABLE.search(line) or "\r" in line:
            raise UsageError(f"{file}:{number}: an invisible control character; type the line anew")
    return _split(file, lines)


def _split(file: Path, lines: list[str]) -> EditorialFile:
    if lines[0].rstrip() != FENCE:
        return EditorialFile(file, "", "\n".join(lines), 1)
    for number, line in enumerate(lines[1:], start=2):
        if line.rstrip() == FENCE:
            return EditorialFile(file, "\n".join(lines[1 : number - 1]), "\n".join(lines[number:]), number + 1)
    raise UsageError(f"{file}:1: the head that begins here has no end; close it with a line of {FENCE}")


def read_matter(source: EditorialFile, model: type[MatterType]) -> MatterType:
    """The head as a value of ``model``; raises UsageError, naming file and line, for YAML or keys that do not fit it."""
    try:
        node = yaml.compose(source.head, Loader=yaml.SafeLoader)
        values = _values(source, node) if node else {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        # without its cause, which quotes the line
        raise UsageError(f"{source.file}:{line}: the head is not YAML: {error.problem}") from None
    if not isinstance(values, dict):
        raise UsageError(f"{source.file}:2: expected lines of key: value")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        # a misspelt key is also a missing one; its own line is the one to mend
        faults = sorted(
            error.errors(include_input=False, include_url=False), key=lambda fault: fault["type"] != "extra_forbidden"
        )
        place, message = faults[0]["loc"], faults[0]["msg"]
    # raised outside, since the validation error as its cause would show the values
    raise UsageError(f"{source.file}:{_line(node, place)}: {'.'.join(map(_shown, place))}: {message}")


def _shown(part: int | str) -> str:
    """A step of the way to a fault, as the file has it: entries count from 1, keys are shown in both languages."""
    if isinstance(part, int):
        return str(part + 1)
    chinese = [name for name, key in KEYS.items() if key == part]
    return f"{part}({chinese[0]})" if chinese else part


def _values(source: EditorialFile, node: yaml.Node) -> Any:
    """The plain values under ``node``, keys in English; a key that stands twice is refused, where YAML would take the last."""
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = _key(key_node)
            if key in values:
                raise UsageError(f"{source.file}:{key_node.start_mark.line + 2}: {key} stands in the head twice")
            values[key] = _values(source, value_node)
        return values
    if isinstance(node, yaml.SequenceNode):
        return [_values(source, part) for part in node.value]
    try:
        return yaml.SafeLoader("").construct_object(node)
    except ValueError as error:
        raise UsageError(f"{source.file}:{node.start_mark.line + 2}: no such day in the calendar") from error


def _key(node: yaml.Node) -> str:
    return KEYS.get(str(node.value), str(node.value))


def _line(node: yaml.Node | None, place: tuple[int | str, ...]) -> int:
    """The line of the file of the deepest node on the way to ``place``; the head begins on line 2."""
    line = node.start_mark.line if node else 0
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if _key(key) == part]
            if not found:
                break
            line, node = found[0][0].start_mark.line, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line
    return line + 2
