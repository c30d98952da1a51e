"""Tables of kind ``delivery`` and ``issue``: whole parts of them follow from one delivery or one issue, and are computed anew.

Also which issues a build reaches, for the sums over weeks and years.
"""

from sqlglot import exp

from assets.warehouse.increment import OPENINGS, WINDOWS, Change, Increment
from assets.warehouse.models import Model
from assets.warehouse.relations import query_of

ISSUE, DAY = "issue_key", "business_date"


def renew_deliveries(build: Increment, model: Model) -> None:
    """Compute anew the rows of each delivery of which a file came or went."""
    table = model.full_name
    (name,) = build.row_inputs(model)
    feed = name.split(".")[1]
    deliveries = {file.delivery for file in (*build.files_come(feed), *build.files_gone(feed))}
    if not deliveries:
        return
    chosen = build.deliveries(deliveries)
    gone = build.table("gone", table, f"select rowid as place, * from {table} semi join {chosen} using (delivery)")
    rows = build.rows_of_files("come", feed, build.live_files(feed, deliveries))
    build.exchange(model, Change(gone, build.table("come", table, query_of(model, {name: rows}))))


def renew_issues(build: Increment, model: Model) -> None:
    """Compute anew the rows of each issue of which something that ``model`` reads is otherwise."""
    issues = reached_issues(build, model)
    if issues is not None:
        parts = {name: of_issues(build, name, issues) for name in model.references if ISSUE in build.columns(name)}
        exchange_issues(build, model, issues, query_of(model, parts))


def exchange_issues(build: Increment, model: Model, issues: str, query: str) -> None:
    """Put the rows of ``query`` in the place of all that the table holds of ``issues``."""
    table = model.full_name
    gone = build.table("gone", table, f"select rowid as place, * from {table} semi join {issues} using ({ISSUE})")
    build.exchange(model, Change(gone, build.table("come", table, query)))


def of_issues(build: Increment, name: str, issues: str) -> str:
    """The rows of the table ``name`` that are of ``issues``."""
    return build.view("issues of", name, f"select * from {name} semi join {issues} using ({ISSUE})")


def reached_issues(build: Increment, model: Model) -> str | None:
    """The issues whose rows are to be computed anew, as a relation; ``None`` where there are none.

    They are those whose window is another in a column that the model reads, those of a year with another opening balance, and of
    a model of kind ``issue`` those of which any row it reads came or went.
    """
    found = [_of_windows(build, model), _of_openings(build, model)]
    if model.header.kind == "issue":
        found += [_of_rows(build, name) for name in sorted(model.references) if name != WINDOWS and name in build.changes]
    queries = [query for query in found if query]
    if not queries:
        return None
    issues = build.table("issues", model.full_name, " union ".join(queries))
    return issues if build.number(f"select count(*) from {issues}") else None


def _of_windows(build: Increment, model: Model) -> str | None:
    if WINDOWS not in model.references or WINDOWS not in build.changes:
        return None
    read = {column.name for column in model.parsed.find_all(exp.Column)} & set(build.columns(WINDOWS)) | {ISSUE}
    columns = ", ".join(sorted(read))
    change = build.changes[WINDOWS]
    gone, come = f"select {columns} from {change.gone}", f"select {columns} from {change.come}"
    return f"select {ISSUE} from (({gone} except {come}) union ({come} except {gone}))"


def _of_openings(build: Increment, model: Model) -> str | None:
    years = sorted(build.lake_changes.opening_years)
    if OPENINGS not in model.references or not years:
        return None
    return f"select {ISSUE} from {WINDOWS} where issue_year in ({', '.join(map(str, years))})"


def _of_rows(build: Increment, name: str) -> str:
    change = build.changes[name]
    columns = build.columns(name)
    if ISSUE in columns:
        return f"select {ISSUE} from {change.gone} union select {ISSUE} from {change.come}"
    if DAY in columns:
        # what is delivered counts for the issues whose cut-off is not before it
        days = f"select {DAY} from {change.gone} union select {DAY} from {change.come}"
        return f"select {ISSUE} from {WINDOWS} where cutoff_date >= (select min({DAY}) from ({days}))"
    return f"select {ISSUE} from {WINDOWS}"
