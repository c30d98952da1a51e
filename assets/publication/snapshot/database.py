"""Building a publication alongside the one in force: a database of the published tables alone, checked, and its Parquet copies.

Everything is written below a folder given; putting it in the old one's place is ``swap.py``'s.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import duckdb

from assets.errors import DamageError, StorageError
from assets.publication.snapshot.catalogue import PublishedTable, copied_tables, published_tables, published_views
from assets.publication.snapshot.changes import Change, compare, write_changes
from assets.publication.snapshot.copy_comparison import Fingerprint, differences, fingerprint
from assets.publication.store.manifest import PublicationFacts, RefusedRun
from assets.publication.store.versions import version_name, version_parquet
from assets.sql_text import literal, quoted
from assets.warehouse.damage import tells_full_disk
from assets.warehouse.models.model import Model

# the oldest DuckDB that an analyst's tool may bring
STORAGE_VERSION = "v1.2.0"
DATABASE_NAME = "warehouse.duckdb"
_ALIAS = "published_copy"


def build_database(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    models: Mapping[str, Model],
    facts: PublicationFacts,
    refused: RefusedRun | None,
    former: Path | None = None,
) -> tuple[str, list[Change]]:
    """Write ``folder/warehouse.duckdb`` from the private warehouse; its version, and what it changes against ``former``.

    Raises ``DamageError`` where a table is missing or the file, opened again, does not hold what the warehouse holds;
    ``RefusedError`` where it breaks what the columns promise, ``StorageError`` where the disk does not take it.
    """
    database = folder / DATABASE_NAME
    tables = copied_tables(models)
    with _duckdb_errors(database):
        source = {table.full_name: fingerprint(connection, table) for table in tables}
        views = {view.full_name: fingerprint(connection, view, query) for view, query in published_views(models)}
        version = version_of(facts, source)
        _copy(connection, database, tables)
        changes = compare(former, database, tables)
        _complete(database, models, version, facts, refused, changes)
        _compare(database, models, source | views)
    return version, changes


def version_of(facts: PublicationFacts, source: Mapping[str, Fingerprint]) -> str:
    """``<yyyymmddThhmmss>-<8 hex digits>``: the time, and a hash of the facts and of every table's rows."""
    said = asdict(facts) | {"tables": {name: asdict(source[name]) for name in sorted(source)}}
    digest = sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()
    return version_name(facts.built_at, digest)


def export_parquet(folder: Path, models: Mapping[str, Model], version: str) -> dict[str, int]:
    """Write every table of ``folder/warehouse.duckdb`` to where ``version`` keeps it below ``folder``; rows by full name."""
    queries = {table.full_name: _sorted(table) for table in published_tables(models)}
    return _export_all(folder, {name: (version_parquet(version, name), query) for name, query in queries.items()})


def export_again(folder: Path, files: Mapping[str, str]) -> dict[str, int]:
    """Export an older database, whose tables are those of ``files``: full name and path of each Parquet file."""
    return _export_all(folder, {name: (file, f"select * from {name} order by all") for name, file in files.items()})


def _copy(connection: duckdb.DuckDBPyConnection, database: Path, tables: list[PublishedTable]) -> None:
    connection.execute(f"attach {literal(str(database))} as {_ALIAS} (storage_version {literal(STORAGE_VERSION)})")
    try:
        for schema in sorted({table.schema for table in tables}):
            connection.execute(f"create schema {_ALIAS}.{quoted(schema)}")
        for table in tables:
            connection.execute(f"create table {_ALIAS}.{table.quoted} as {_sorted(table)}")
        connection.execute(f"checkpoint {_ALIAS}")
    finally:
        connection.execute(f"detach {_ALIAS}")


def _complete(
    database: Path,
    models: Mapping[str, Model],
    version: str,
    facts: PublicationFacts,
    refused: RefusedRun | None,
    changes: list[Change],
) -> None:
    """Views and comments in a connection of its own: a view made while attached could name the private warehouse."""
    # it parses all models
    from assets.publication.snapshot.descriptions import describe

    with duckdb.connect(database) as copy:
        # one transaction: each statement of its own would wait for the disk
        copy.execute("begin")
        copy.execute("create schema if not exists meta")
        _write_publication(copy, version, facts, refused)
        write_changes(copy, changes)
        _write_waivers(copy, facts)
        describe(copy, models)
        copy.execute("commit")
        # closing hides a checkpoint that failed on a full disk
        copy.execute("checkpoint")


def _write_publication(
    copy: duckdb.DuckDBPyConnection, version: str, facts: PublicationFacts, refused: RefusedRun | None
) -> None:
    copy.execute(
        "create table meta.publication (version varchar, built_at timestamp, code_version varchar, business_date_through date,"
        " issues varchar, last_refused_run timestamp, last_refused_checks varchar, inputs_sha256 varchar)"
    )
    copy.execute(
        "insert into meta.publication values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            version,
            facts.built_at,
            facts.code_version,
            facts.business_date_through,
            ",".join(facts.issues),
            refused.run_at if refused else None,
            ",".join(refused.checks) if refused else None,
            facts.inputs_sha256,
        ],
    )


def _write_waivers(copy: duckdb.DuckDBPyConnection, facts: PublicationFacts) -> None:
    copy.execute(
        "create table meta.acceptances (check_id varchar, accepted_at timestamp, rule varchar, reason varchar, failing_rows bigint,"
        " deliveries varchar, business_date_from date, business_date_through date, is_in_force boolean)"
    )
    for each in sorted(facts.waivers, key=lambda waiver: (waiver.check_id, waiver.accepted_at)):
        copy.execute(
            "insert into meta.acceptances values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                each.check_id,
                each.accepted_at,
                each.rule,
                each.reason,
                each.failing_rows,
                ",".join(each.deliveries),
                each.business_date_from,
                each.business_date_through,
                each in facts.in_force,
            ],
        )


def _compare(database: Path, models: Mapping[str, Model], source: Mapping[str, Fingerprint]) -> None:
    differing = differences(database, models, source)
    if differing:
        raise DamageError(
            f"the published copy differs from the warehouse in {', '.join(differing)}; nothing was published;"
            " see to the disk, then run again"
        )


def _sorted(table: PublishedTable) -> str:
    return f"select {table.column_list} from {table.quoted} order by {table.order}"


def _export_all(folder: Path, queries: Mapping[str, tuple[str, str]]) -> dict[str, int]:
    database = folder / DATABASE_NAME
    with _duckdb_errors(database), duckdb.connect(database, read_only=True) as copy:
        return {name: _export(copy, folder / file, query) for name, (file, query) in queries.items()}


def _export(copy: duckdb.DuckDBPyConnection, path: Path, query: str) -> int:
    """Write one Parquet file; the rows that are in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    copy.execute(f"copy ({query}) to {literal(str(path))} (format parquet, compression zstd)")
    row = copy.execute("select count(*) from read_parquet($path)", {"path": str(path)}).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _duckdb_errors(database: Path) -> Iterator[None]:
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise _not_written(database, error) from error
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        first_line = str(error).splitlines()[0]
        raise DamageError(f"the warehouse lacks what its models promise; the next run rebuilds it: {first_line}") from error
    except duckdb.FatalException as error:
        if tells_full_disk(error):
            raise _not_written(database, error) from error
        raise


def _not_written(database: Path, error: duckdb.Error) -> StorageError:
    return StorageError(f"{database}: the published copy cannot be written ({type(error).__name__})")
