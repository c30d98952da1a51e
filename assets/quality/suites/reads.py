"""What the checks of ``expectations/`` read: tables, columns, and the sets of columns that a check proves to be unique."""

from collections.abc import Iterable, Mapping

import sqlglot
from sqlglot import exp

from assets.errors import UsageError
from assets.quality.run.batches import batch_query
from assets.quality.suites.suite import Check, Suite
from assets.quality.suites.vocabulary import SQL_RULE
from assets.warehouse.lineage.columns import ColumnRef
from assets.warehouse.lineage.steps import NamesOf, columns_read

_UNIQUE = {"expect_column_values_to_be_unique": "column", "expect_compound_columns_to_be_unique": "column_list"}
_COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list", "column_set")


def unique_columns(suites: Iterable[Suite]) -> dict[str, set[frozenset[str]]]:
    """By table, the sets of columns that a check of severity ERROR proves to be unique over the whole table."""
    found: dict[str, set[frozenset[str]]] = {}
    for suite in suites:
        sets = [_unique(check) for check in suite.checks if check.severity == "ERROR" and suite.interval_of(check) == "whole"]
        found.setdefault(suite.table, set()).update(columns for columns in sets if columns)
    return found


def reads_of(suite: Suite, check: Check, names_of: NamesOf) -> frozenset[ColumnRef]:
    """The columns that ``check`` reads, of its own table and of others; ``names_of`` has the columns of a table by its name.

    Raises ``UsageError`` where its query cannot be parsed.
    """
    if check.expectation.type == SQL_RULE:
        batch = f"({batch_query(suite, [check])})" if suite.computed else suite.table
        return _columns_read(check.query.format(batch=batch), check, names_of)
    reads: set[ColumnRef] = set()
    for name in named_columns(check):
        computed = suite.computed.get(name)
        if computed is None:
            reads.add(ColumnRef(suite.table, name))
        else:
            reads |= _columns_read(f"select {computed} as {name} from {suite.table}", check, names_of)
    return frozenset(reads)


def named_columns(check: Check) -> list[str]:
    """The columns that an expectation about columns names in its arguments, in their order."""
    return _named(check.expectation.kwargs)


def _columns_read(text: str, check: Check, names_of: NamesOf) -> frozenset[ColumnRef]:
    return frozenset(ColumnRef(table, column) for table, column in columns_read(_parsed(text, check), names_of))


def _named(arguments: Mapping[str, object]) -> list[str]:
    values = [arguments[name] for name in _COLUMN_ARGUMENTS if name in arguments]
    return [str(name) for value in values for name in (value if isinstance(value, list) else [value])]


def _unique(check: Check) -> frozenset[str]:
    arguments = check.expectation.kwargs
    if check.expectation.type in _UNIQUE and arguments.get("mostly", 1) == 1:
        return frozenset(_named(arguments))
    return (
        _grouped_alone(_parsed(check.query.format(batch="batch"), check)) if check.expectation.type == SQL_RULE else frozenset()
    )


def _grouped_alone(query: exp.Expr) -> frozenset[str]:
    """The columns of ``select … from {batch} group by <columns> having count(*) > 1``; none for any other query."""
    group, having = query.args.get("group"), query.args.get("having")
    others = [
        key for key, value in query.args.items() if value and key not in ("expressions", "from_", "group", "having", "kind")
    ]
    if others or not isinstance(group, exp.Group) or having is None or not isinstance(query.args["from_"].this, exp.Table):
        return frozenset()
    columns = group.expressions
    is_twice = having.this == sqlglot.condition("count(*) > 1", dialect="duckdb")
    return (
        frozenset(column.name for column in columns)
        if is_twice and all(isinstance(c, exp.Column) for c in columns)
        else frozenset()
    )


def _parsed(text: str, check: Check) -> exp.Expr:
    try:
        return sqlglot.parse_one(text, dialect="duckdb")
    except sqlglot.errors.ParseError as error:
        raise UsageError(f"the check {check.id}: {error}") from error
