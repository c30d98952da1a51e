"""Reads every row of every table of a DuckDB file in a separate process, since damage may end the process that meets it.

The values do not matter: DuckDB checks the checksum of each block that it reads.
"""

import resource
import subprocess
import sys
from pathlib import Path

from assets.errors import BusyError

# counts that damage has made huge must end the child, not the machine
_MEMORY_BYTES = 8 * 2**30
_MODULE = "assets.warehouse.block_reader"


def can_be_read(database: Path) -> bool:
    """Whether the file opens and every row of every table can be read. Raises ``BusyError`` where another program has it open."""
    ended = subprocess.run(
        [sys.executable, "-P", "-m", _MODULE, str(database)],
        stdout=subprocess.DEVNULL,
        # what DuckDB complains of may quote rows
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if ended.returncode == BusyError.exit_code:
        raise BusyError(f"{database} is open in another program; close it there")
    return ended.returncode == 0


def main() -> None:
    """Read the database that the command line names."""
    from assets.warehouse.connection import connect_warehouse

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    try:
        connection = connect_warehouse(Path(sys.argv[1]), read_only=True)
    except BusyError as error:
        sys.exit(error.exit_code)
    with connection:
        tables = connection.execute(
            'select format(\'"{}"."{}"\', schema_name, table_name) from duckdb_tables() where not internal order by all'
        ).fetchall()
        for (table,) in tables:
            # a column that is not asked for is not read
            connection.execute(f"select count(*), bit_xor(hash(columns(*))) from {table}").fetchall()


if __name__ == "__main__":
    main()
