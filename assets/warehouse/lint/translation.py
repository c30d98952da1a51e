"""Whether a model means the same on Spark: it is translated and parsed again, and functions known to differ are refused.

sqlglot translates those functions without a warning, and the answers differ; the reason is next to each.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

import sqlglot
from sqlglot import exp

from assets.warehouse.lint.header_rules import VIEWS
from assets.warehouse.lint.query_places import line_of
from assets.warehouse.models.findings import Finding
from assets.warehouse.models.model import Model

ENGINE = "spark"
_WEEK_FIX = "take weeks and working days from ref.issue_calendar, never from date functions"
_WEEK_UNITS = {"WEEK", "DOW", "ISODOW", "DAYOFWEEK", "DAYOFWEEKISO", "WEEKDAY", "YEARWEEK", "WEEKOFYEAR", "ISOYEAR"}
_WEEK_FUNCTIONS = {"weekday", "yearweek", "isoyear", "dayname"}
_UNIT_FIRST = {"date_part", "datepart", "date_trunc", "datetrunc", "date_diff", "datediff"}
_WEEK_FORMATS = ("%u", "%w", "%a", "%A", "%V", "%U", "%W", "%G")
_CLOCK = {"now", "today", "random", "uuid", "get_current_timestamp"}

# what is refused: its nature in words, how it is known, what to do instead
_Refused = tuple[str, Callable[[exp.Expr], bool], str]


def _names_a_week(node: exp.Expr) -> bool:
    if isinstance(node, (exp.DayOfWeek, exp.DayOfWeekIso, exp.Week, exp.WeekOfYear, exp.Dayname, exp.YearOfWeekIso)):
        return True
    if isinstance(node, exp.Extract):
        return node.name.upper() in _WEEK_UNITS
    if isinstance(node, (exp.TimestampTrunc, exp.DateTrunc, exp.DateDiff)):
        return str(node.args.get("unit") or "").strip("'").upper() in _WEEK_UNITS
    if isinstance(node, exp.TimeToStr):
        return any(form in node.args["format"].name for form in _WEEK_FORMATS)
    return _is_call(node, _WEEK_FUNCTIONS) or (_is_call(node, _UNIT_FIRST) and node.expressions[0].name.upper() in _WEEK_UNITS)


def _is_call(node: exp.Expr, names: set[str]) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() in names


def _is_quantile(node: exp.Expr) -> bool:
    return isinstance(node, (exp.PercentileCont, exp.PercentileDisc, exp.Quantile, exp.ApproxQuantile))


def _skips_nulls(node: exp.Expr) -> bool:
    return isinstance(node, (exp.ArgMax, exp.ArgMin))


def _is_epoch_of_a_span(node: exp.Expr) -> bool:
    return isinstance(node, (exp.TimeToUnix, exp.Anonymous)) and _is_epoch(node) and bool(node.find(exp.Sub))


def _is_epoch(node: exp.Expr) -> bool:
    return isinstance(node, exp.TimeToUnix) or _is_call(node, {"epoch"})


def _differs_each_time(node: exp.Expr) -> bool:
    clock = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime, exp.CurrentDatetime, exp.Rand, exp.Uuid)
    return isinstance(node, clock) or _is_call(node, _CLOCK)


def _is_ordered_aggregate(node: exp.Expr) -> bool:
    return isinstance(node, (exp.ArrayAgg, exp.GroupConcat, exp.First, exp.Last)) and isinstance(node.this, exp.Order)


_EVERYWHERE: tuple[_Refused, ...] = (
    ("counts weeks or weekdays, which begin on other days on Spark", _names_a_week, _WEEK_FIX),
    ("is a quantile, which Spark computes otherwise or not at all", _is_quantile, "use median(), or counts"),
    ("skips NULLs, and so mixes versions of a row", _skips_nulls, "take the whole row: row_number() in a qualify"),
    ("takes the epoch of a difference, which Spark does not", _is_epoch_of_a_span, "write epoch(a) - epoch(b)"),
    ("gives another answer each time, so that a rebuild would differ", _differs_each_time, "take the time from a column"),
)
_ON_SPARK: tuple[_Refused, ...] = (
    (
        "loses its order on Spark",
        _is_ordered_aggregate,
        "use row_number() in a qualify, or compute it in a model after daily_counts",
    ),
)


def refused_functions(model: Model, on_spark: bool) -> Iterator[Finding]:
    """Functions whose translation gives other answers; the list is longer for models that Spark runs."""
    for node in model.parsed.walk():
        for nature, is_such, fix in (*_EVERYWHERE, *(_ON_SPARK if on_spark else ())):
            if is_such(node):
                yield model.finding(line_of(node), ENGINE, f"`{node.sql('duckdb')}` {nature}", fix)


def untranslatable(model: Model) -> Iterator[Finding]:
    """Whether the query's translation can be parsed by the other engine's grammar; views stay here, as their names are Chinese."""
    if model.schema == VIEWS:
        return
    problem = _translation_problem(model.query)
    if problem:
        yield model.finding(1, ENGINE, f"it cannot be translated for Spark: {problem}", "write it in plainer SQL")


@lru_cache(maxsize=256)
def _translation_problem(query: str) -> str | None:
    try:
        translated = sqlglot.transpile(
            query, read="duckdb", write=ENGINE, identify=True, unsupported_level=sqlglot.ErrorLevel.RAISE
        )
        sqlglot.parse_one(translated[0], dialect=ENGINE)
    except (sqlglot.errors.ParseError, sqlglot.errors.UnsupportedError) as error:
        return str(error).splitlines()[0]
    return None
