"""How often a table is read: each query is explained before it is carried out, and the plan's scans are counted by table."""

import json
from collections import Counter
from typing import Any

import duckdb


class Watched:
    """A connection, or a cursor of one, that counts in ``scans`` how often its queries read each table."""

    def __init__(self, raw: duckdb.DuckDBPyConnection, scans: Counter[str] | None = None) -> None:
        self._raw = raw
        self.scans: Counter[str] = Counter() if scans is None else scans

    def execute(self, query: str, parameters: Any = None) -> duckdb.DuckDBPyConnection:
        """As the connection does it."""
        if query.lstrip().lower().startswith(("select", "with")):
            plan = self._raw.execute(f"explain (format json) {query}", parameters).fetchall()
            self.scans.update(_tables(json.loads(plan[0][1])))
        return self._raw.execute(query, parameters)

    def cursor(self) -> "Watched":
        """A cursor that counts into the same."""
        return Watched(self._raw.cursor(), self.scans)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


def _tables(nodes: list[dict[str, Any]]) -> list[str]:
    """Schema and name of the tables that a plan reads, one for each time; of Parquet files, their function."""
    found: list[str] = []
    for node in nodes:
        said = node.get("extra_info", {})
        if "SCAN" in node["name"] and "Table" in said:
            found.append(".".join(str(said["Table"]).split(".")[-2:]))
        elif "PARQUET" in str(said.get("Function", node["name"])):
            found.append("parquet")
        found += _tables(node.get("children", []))
    return found
