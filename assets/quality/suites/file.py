"""Reads a YAML file with the lines of its parts, so that a fault can be named by file and line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assets.errors import UsageError
from assets.yaml_lines import LOADER, nodes_to, repeated_keys


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
        line, node = 1, None
        for _, node in nodes_to(self.tree, parts):
            line = node.start_mark.line + 1
        in_block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
        return line + 1 if in_block else line


def read_yaml(path: Path) -> tuple[Any, Places]:
    """The document and its places. Raises ``UsageError`` where it is not YAML or has a key twice."""
    source = path.read_text(encoding="utf-8")
    try:
        loader = LOADER(source)
        tree = loader.get_single_node()
        document = None if tree is None else loader.construct_document(tree)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UsageError(f"{path}:{mark.line + 1 if mark else 1}: not YAML") from error
    for key in repeated_keys(tree):
        raise UsageError(f"{path}:{key.start_mark.line + 1}: this key occurs here twice")
    return document, Places(path, tree)
