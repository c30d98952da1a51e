"""The suites of ``expectations/``: one file per table, each check with its rule, severity and who fixes it. Read strictly.

Great Expectations itself is not imported here, since that takes 4 s; what it knows is read from its own schemas.
"""

from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator

from assets.errors import UsageError
from assets.platform.contract import load_contract
from assets.quality.suites.file import Places, read_yaml
from assets.quality.suites.vocabulary import SQL_RULE, expectation_types, wrong_argument

EXPECTATIONS_FOLDER = Path(__file__).parents[3] / "expectations"
CHINESE = "[\u4e00-\u9fff]"
Severity = Literal["ERROR", "WARN", "INFO"]
WhoFixes = Literal["平台方", "业务部门", "数据组", "办公室"]
Interval = Literal["loaded", "whole"]


class Expectation(BaseModel):
    """One expectation in Great Expectations' own vocabulary; a SQL rule selects the rows that break it from ``{batch}``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    kwargs: dict[str, Any] = {}

    @field_validator("type")
    @classmethod
    def _is_known(cls, kind: str) -> str:
        if kind not in expectation_types():
            raise ValueError(f"Great Expectations knows no {kind}")
        return kind

    @model_validator(mode="after")
    def _arguments_fit(self) -> Self:
        wrong = wrong_argument(self.type, self.kwargs)
        if wrong:
            raise ValueError(wrong)
        if self.type == SQL_RULE and not {"batch"} <= self.fields <= {"batch", "threshold"}:
            raise ValueError("a SQL rule reads {batch}, may read {threshold}, and no other {name}; other braces are doubled")
        return self

    @property
    def fields(self) -> set[str]:
        """The ``{names}`` in a SQL rule's query; none for other expectations."""
        query = self.kwargs.get("unexpected_rows_query", "")
        return {name for _, name, _, _ in Formatter().parse(query) if name is not None}


class Check(BaseModel):
    """One rule about one table.

    ``prints`` names the columns of a failing row that may be shown: its keys, ``delivery``, ``file``, ``line``, dates and
    counts, never a personal column; ``reason`` says in Chinese why the rule exists and why it weighs what it does.
    ``threshold`` is the number that a SQL rule compares with, put in as ``{threshold}``; the rate of rows that may break a
    rule is the expectation's own ``mostly``. Rows that break a rule together have the same ``sample_by``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    rule: str = Field(pattern=CHINESE)
    severity: Severity
    who_fixes: WhoFixes
    prints: tuple[str, ...] = Field(min_length=1)
    reason: str = Field(pattern=CHINESE)
    threshold: float | None = None
    # SQL over one row: of a table that is too long, a run looks at those rows whose value falls into its share (``batches.py``)
    sample_by: str | None = None
    # whether it sees what was loaded since the last good publication, or all; ``None``: as its suite
    interval: Interval | None = None
    expectation: Expectation

    @field_validator("prints")
    @classmethod
    def _of_no_person(cls, prints: tuple[str, ...]) -> tuple[str, ...]:
        personal = sorted(personal_columns().intersection(prints))
        if personal:
            raise ValueError(f"{', '.join(personal)}: a personal column is never printed")
        return prints

    @model_validator(mode="after")
    def _threshold_is_used(self) -> Self:
        if ("threshold" in self.expectation.fields) != (self.threshold is not None):
            raise ValueError("a threshold is given where the SQL rule compares with {threshold}, and nowhere else")
        return self

    @property
    def query(self) -> str:
        """A SQL rule's query with its threshold, ``{batch}`` still open and other braces still doubled."""
        text = str(self.expectation.kwargs["unexpected_rows_query"])
        return text if self.threshold is None else text.replace("{threshold}", f"{self.threshold:g}")

    @property
    def tolerated_share(self) -> float | None:
        """Which share of the rows checked may break the rule; ``None`` for a rule that counts no rate."""
        mostly = self.expectation.kwargs.get("mostly")
        return None if mostly is None else round(1 - float(mostly), 10)


class Suite(BaseModel):
    """The checks of one table; ``interval`` says whether they see what was loaded since the last good publication, or all.

    ``computed`` are columns that the checks see alongside the table's own, each a SQL expression over one row: a rule about rows
    is such a column that must be true, so that all of a suite are counted in one pass. Where it is NULL, the row is not in
    question.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    interval: Interval = "whole"
    computed: dict[str, str] = {}
    checks: tuple[Check, ...] = Field(min_length=1)
    _places: Places = PrivateAttr(default_factory=Places)

    @property
    def file_name(self) -> str:
        return f"{self.table.replace('.', '_')}.yaml"

    def interval_of(self, check: Check) -> Interval:
        """What ``check`` sees."""
        return check.interval or self.interval

    def place(self, *parts: int | str) -> str:
        """File and line of a part of the suite, such as ``expectations/lake_accept.yaml:12``."""
        return self._places.of(parts) if self._places.path else f"expectations/{self.file_name}"


@cache
def load_suites(folder: Path = EXPECTATIONS_FOLDER) -> tuple[Suite, ...]:
    """All suites, by file name, read once in a process. What they say of tables and columns is proved in ``suites/proof.py``.

    Raises ``UsageError`` naming file and line, or a folder without suites: nothing may be published because nothing was
    checked.
    """
    suites: list[Suite] = []
    homes: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        suite = _read(path)
        suites.append(suite)
        for number, check in enumerate(suite.checks):
            place = suite.place("checks", number, "id")
            if check.id in homes:
                raise UsageError(f"{place}: the check {check.id} is in {homes[check.id]} already")
            homes[check.id] = place
    if not suites:
        raise UsageError(f"{folder}: there are no suites (*.yaml), so nothing could be checked")
    return tuple(suites)


def _read(path: Path) -> Suite:
    document, places = read_yaml(path)
    try:
        suite = Suite.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        named = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{places.of(first['loc'])}: {named}: {first['msg']}") from error
    if path.name != suite.file_name:
        raise UsageError(f"{path}:1: the suite of {suite.table} stands in {suite.file_name}")
    suite._places = places
    return suite


@cache
def personal_columns() -> frozenset[str]:
    """Every column of the contract that holds personal data, by its name in the export and by that in the lake."""
    columns = [column for feed in load_contract().feeds.values() for column in feed.columns if column.personal]
    return frozenset(name for column in columns for name in (column.name, column.inside) if name)
