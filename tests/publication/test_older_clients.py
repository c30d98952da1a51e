"""The published file opened by the older DuckDBs that readers' tools bring: all rows, comments and views are there.

``make older-duckdb`` puts those beside the environment; ``make test`` and CI always do.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from assets.home import Home
from assets.publication.publish import publish
from assets.warehouse.models.model import Model

from .small_warehouse import FACTS

VAR = Path(__file__).parents[2] / "var"
# the oldest storage version's last release, and the extended support of today
CLIENTS = ("1.2.2", "1.5.6")
PROGRAM = """
import duckdb, json, sys
con = duckdb.connect(sys.argv[1], read_only=True)
tables = con.execute(
    "select schema_name, table_name, comment from duckdb_tables() where not internal"
    " union all select schema_name, view_name, comment from duckdb_views() where not internal order by all").fetchall()
rows = {f"{s}.{t}": [str(row) for row in con.execute(f'select * from "{s}"."{t}" order by all').fetchall()] for s, t, _ in tables}
columns = con.execute(
    "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() where not internal order by all"
).fetchall()
print(json.dumps([duckdb.__version__, tables, rows, columns]))
"""


def seen_by(file: Path, client: Path | None) -> tuple[str, list[object]]:
    """The version of the DuckDB in the folder ``client`` (``None``: ours), and all that it reads."""
    environment = os.environ | ({"PYTHONPATH": str(client)} if client else {})
    command = [sys.executable, "-c", PROGRAM, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    version, *seen = json.loads(done.stdout)
    return version, seen


@pytest.mark.parametrize("version", CLIENTS)
def test_an_older_client_reads_all_of_it(
    version: str, warehouse: duckdb.DuckDBPyConnection, home: Home, models: dict[str, Model]
) -> None:
    client = VAR / f"duckdb-{version}"
    if not (client / "duckdb").exists():
        if os.environ.get("CI"):
            pytest.fail(f"CI must open the file with DuckDB {version}: make older-duckdb")
        pytest.skip(f"DuckDB {version} is not there: make older-duckdb")
    manifest = publish(warehouse, home, models, FACTS)
    for file in (home.published_database, home.published / manifest.database.file):
        found, seen = seen_by(file, client)
        assert found == version
        assert seen == seen_by(file, None)[1]
    # opened as it is, not repaired or written to
    assert not home.published_database.with_name("warehouse.duckdb.wal").exists()
