"""Reads a YAML file with the lines of its parts, so that a fault can be named by file and line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assets.errors import UsageError

# the same in C, ten times as fast, where the library was built with it
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Places:
    """The lines of a file's parts; empty without a file."""

    path: Path | None = None
    tree: yaml.Node | None = None

    def of(self, parts: Sequence[int | str]) -> str:
        """File and line of the deepest part of ``parts`` that exists."""
        return f"{self.path}:{self.line_of(parts)}"

    def line_of(self, parts: Sequence[int | str]) -> int:
        """The line, from 1, on which it begins; of a text in a block, the line of its first word."""
        line = 1
        node = self.tree
        for part in parts:
            node = _child(node, part)
            if node is None:
                break
            line = node.start_mark.line + 1
        in_block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
        return line + 1 if in_block else line


def read_yaml(path: Path) -> tuple[Any, Places]:
    """The document and its places. Raises ``UsageError`` where it is no YAML or has a key twice."""
    source = path.read_text(encoding="utf-8")
    try:
        loader = _LOADER(source)
        tree = loader.get_single_node()
        document = None if tree is None else loader.construct_document(tree)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UsageError(f"{path}:{mark.line + 1 if mark else 1}: not YAML") from error
    # YAML's own reader keeps the last of two equal keys and says nothing
    for line in _repeated_keys(tree):
        raise UsageError(f"{path}:{line}: this key occurs here twice")
    return document, Places(path, tree)


def _child(node: yaml.Node | None, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        found: yaml.Node = node.value[part]
        return found
    return None


def _repeated_keys(node: yaml.Node | None) -> Iterator[int]:
    """The lines of keys that their mapping has already."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1
            seen.add(key.value)
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated_keys(item)
