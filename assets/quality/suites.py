"""The suites of ``expectations/``: one file per table, each check with its rule, severity and who fixes it. Read strictly."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assets.errors import UsageError

EXPECTATIONS_FOLDER = Path(__file__).parents[2] / "expectations"
Severity = Literal["ERROR", "WARN", "INFO"]


class Expectation(BaseModel):
    """One expectation in Great Expectations' own vocabulary."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str = Field(pattern=r"^(expect_[a-z_]+|unexpected_rows_expectation)$")
    kwargs: dict[str, Any] = {}


class Check(BaseModel):
    """One rule about one table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    rule: str = Field(min_length=1)
    severity: Severity
    who_fixes: Literal["平台方", "业务部门", "数据组", "办公室"]
    expectation: Expectation


class Suite(BaseModel):
    """The checks of one table; ``interval`` says whether they see what was loaded since the last good publication, or all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    interval: Literal["loaded", "whole"] = "whole"
    checks: tuple[Check, ...] = Field(min_length=1)


def load_suites(folder: Path = EXPECTATIONS_FOLDER) -> list[Suite]:
    """All suites, by file name. Raises ``UsageError`` naming file and line, or the two files that share a check's id."""
    suites: list[Suite] = []
    homes: dict[str, Path] = {}
    for path in sorted(folder.glob("*.yaml")):
        suite = _read(path)
        suites.append(suite)
        for check in suite.checks:
            if check.id in homes:
                raise UsageError(f"{path}: the check {check.id} stands in {homes[check.id].name} already")
            homes[check.id] = path
    return suites


def _read(path: Path) -> Suite:
    source = path.read_text(encoding="utf-8")
    try:
        return Suite.model_validate(yaml.safe_load(source))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UsageError(f"{path}:{mark.line + 1 if mark else 1}: not YAML") from error
    except ValidationError as error:
        first = error.errors()[0]
        line = _line_of(source, first["loc"])
        raise UsageError(f"{path}:{line}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _line_of(source: str, place: tuple[int | str, ...]) -> int:
    """The line where the deepest part of ``place`` that exists begins."""
    node = yaml.compose(source, Loader=yaml.SafeLoader)
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
