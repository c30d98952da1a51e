"""The suites of ``expectations/``: one file per table, each check with its rule, severity and who fixes it. Read strictly.

Whether Great Expectations knows an expectation and its arguments is asked in ``engine.py``, since importing it takes 4 s.
"""

from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assets.errors import UsageError

EXPECTATIONS_FOLDER = Path(__file__).parents[2] / "expectations"
SQL_RULE = "unexpected_rows_expectation"
Severity = Literal["ERROR", "WARN", "INFO"]
WhoFixes = Literal["平台方", "业务部门", "数据组", "办公室"]
Interval = Literal["loaded", "whole"]


class Expectation(BaseModel):
    """One expectation in Great Expectations' own vocabulary; a SQL rule selects the rows that break it from ``{batch}``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str = Field(pattern=rf"^(expect_[a-z_]+|{SQL_RULE})$")
    kwargs: dict[str, Any] = {}

    @model_validator(mode="after")
    def _reads_its_batch(self) -> Self:
        if self.type != SQL_RULE:
            return self
        query = self.kwargs.get("unexpected_rows_query")
        if not isinstance(query, str) or len(self.kwargs) > 1:
            raise ValueError("a SQL rule has one argument, unexpected_rows_query, a text")
        fields = {name for _, name, _, _ in Formatter().parse(query) if name is not None}
        if fields != {"batch"}:
            raise ValueError("a SQL rule reads {batch} and no other {name}; other braces are doubled")
        return self


class Check(BaseModel):
    """One rule about one table.

    ``prints`` names the columns of a failing row that may be shown: its keys, ``delivery``, ``file``, ``line``, dates and
    counts, never a personal column; ``reason`` says in Chinese why the rule exists and why it weighs what it does.
    ``threshold`` is the number that a SQL rule compares with, put in as ``{threshold}``; rates of rows are the expectation's
    own ``mostly``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    rule: str = Field(min_length=1)
    severity: Severity
    who_fixes: WhoFixes
    prints: tuple[str, ...] = ()
    reason: str = ""
    threshold: float | None = None
    # whether it sees what was loaded since the last good publication, or all; ``None``: as its suite
    interval: Interval | None = None
    expectation: Expectation


class Suite(BaseModel):
    """The checks of one table; ``interval`` says whether they see what was loaded since the last good publication, or all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    interval: Interval = "whole"
    checks: tuple[Check, ...] = Field(min_length=1)

    @property
    def file_name(self) -> str:
        return f"{self.table.replace('.', '_')}.yaml"

    @model_validator(mode="after")
    def _interval_fits(self) -> Self:
        if self.interval == "loaded" and not self.table.startswith("lake."):
            raise ValueError("only tables of the lake know the delivery of a row, so others are checked whole")
        return self


def load_suites(folder: Path = EXPECTATIONS_FOLDER) -> list[Suite]:
    """All suites, by file name.

    Raises ``UsageError`` naming file and line, the two files that share a check's id, or a folder without suites: nothing
    may be published because nothing was checked.
    """
    suites: list[Suite] = []
    homes: dict[str, Path] = {}
    for path in sorted(folder.glob("*.yaml")):
        suite = _read(path)
        suites.append(suite)
        for check in suite.checks:
            if check.id in homes:
                raise UsageError(f"{path}: the check {check.id} stands in {homes[check.id].name} already")
            homes[check.id] = path
    if not suites:
        raise UsageError(f"{folder}: there are no suites (*.yaml), so nothing could be checked")
    return suites


def _read(path: Path) -> Suite:
    source = path.read_text(encoding="utf-8")
    try:
        tree = yaml.compose(source, Loader=yaml.SafeLoader)
        document = yaml.safe_load(source)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UsageError(f"{path}:{mark.line + 1 if mark else 1}: not YAML") from error
    # YAML's own reader keeps the last of two equal keys and says nothing
    for line in _repeated_keys(tree):
        raise UsageError(f"{path}:{line}: this key stands here twice")
    try:
        suite = Suite.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        line = _line_of(tree, first["loc"])
        raise UsageError(f"{path}:{line}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if path.name != suite.file_name:
        raise UsageError(f"{path}:1: the suite of {suite.table} stands in {suite.file_name}")
    return suite


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


def _line_of(node: yaml.Node | None, place: tuple[int | str, ...]) -> int:
    """The line where the deepest part of ``place`` that exists begins."""
    line = 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        else:
            break
        if node is None:
            break
        line = node.start_mark.line + 1
    return line
