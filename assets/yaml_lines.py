"""Lines of a YAML document's parts, so that a fault in it can be named by file and line; PyYAML's own values have none.

Lines are those of PyYAML's nodes, from 0. What a fault is called, and where the document begins in its file, each reader says.
"""

from collections.abc import Callable, Iterator, Sequence

import yaml

# the same in C, ten times as fast, where the library was built with it
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def key_text(node: yaml.Node) -> str:
    """A key as it is written."""
    return str(node.value)


def nodes_to(
    node: yaml.Node | None, place: Sequence[str | int], name_of: Callable[[yaml.Node], str] = key_text
) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Key and value of each part of ``place``, as far as they exist; an item of a list is its own key."""
    for part in place:
        found = _child(node, part, name_of)
        if found is None:
            return
        yield found
        node = found[1]


def repeated_keys(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """Each key that its mapping has already: YAML keeps the last of them and says nothing."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key
            seen.add(key.value)
            yield from repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from repeated_keys(item)


def _child(node: yaml.Node | None, part: str | int, name_of: Callable[[yaml.Node], str]) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if name_of(key) == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None
