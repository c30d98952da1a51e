"""The contract page: its tables are those of the headers, its promises are kept in what is published, and only ever grow."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.errors import RefusedError
from assets.home import Home
from assets.publication.publish import publish
from assets.publication.snapshot.catalogue import PublishedTable, published_tables
from assets.publication.snapshot.promises import allowed_values, may_be_empty
from assets.publication.store.manifest import CONTRACT_VERSION, PublishedManifest, read_manifest
from assets.warehouse.models.model import Model, load_models

from .small_warehouse import FACTS

PAGE = Path(__file__).parents[2] / "docs/contract.md"
# what version 1.0 promised; rewritten only when the major version goes up
FIRST = Path(__file__).with_name("contract_1.json")
BEGIN, END = "<!-- tables -->\n", "<!-- /tables -->\n"
Promised = dict[str, dict[str, dict[str, Any]]]


def page_with_tables(page: str) -> str:
    """The page with its section of tables as the headers have it."""
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    return before + BEGIN + "\n".join(map(_section, published_tables(load_models()))) + END + after


def _section(table: PublishedTable) -> str:
    lines = [
        f"### {table.full_name}",
        "",
        table.header.description + "。粒度：" + "、".join(f"`{c}`" for c in table.header.grain),
        "",
    ]
    lines += ["| 列 | 类型 | 可空 | 取值 |", "|---|---|---|---|"]
    for name, column in table.header.columns.items():
        values = "，".join(f"{_shown(value)} {words}" for value, words in (allowed_values(column) or {}).items())
        lines.append(f"| `{name}` | {column.type} | {'是' if may_be_empty(table, name) else '否'} | {values} |")
    return "\n".join([*lines, ""])


def _shown(value: str) -> str:
    return f"`{value}`" if value else "空串"


def promised() -> Promised:
    """What each column of each table promises now."""
    return {
        table.full_name: {
            name: {
                "type": column.type,
                "nullable": may_be_empty(table, name),
                "values": sorted(values) if (values := allowed_values(column)) else None,
            }
            for name, column in table.header.columns.items()
        }
        for table in published_tables(load_models())
    }


def test_the_page_says_what_the_headers_say() -> None:
    """After a change of a header: ``make docs`` writes the section again, for review."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == page_with_tables(text)
    assert f"`{CONTRACT_VERSION}`" in text


def test_the_page_lists_every_key_of_the_manifest(
    warehouse: duckdb.DuckDBPyConnection, home: Home, models: dict[str, Model]
) -> None:
    text = PAGE.read_text(encoding="utf-8")
    keys = [line.split("`")[1] for line in text.split("## 清单")[1].split("\n## ")[0].splitlines() if line.startswith("| `")]
    assert keys == [*PublishedManifest.model_fields, "checksum"]
    publish(warehouse, home, models, FACTS)
    said = read_manifest(home)
    assert said is not None
    assert said["contract_version"] == CONTRACT_VERSION


def test_what_this_major_version_promised_still_holds() -> None:
    first: Promised = json.loads(FIRST.read_text(encoding="utf-8"))
    assert CONTRACT_VERSION.split(".")[0] == FIRST.stem.removeprefix("contract_")
    now = promised()
    for table, columns in first.items():
        for name, was in columns.items():
            found = now.get(table, {}).get(name)
            assert found is not None, f"{table}.{name} is gone: that is another major version"
            assert found["type"] == was["type"], f"{table}.{name}"
            assert was["nullable"] or not found["nullable"], f"{table}.{name} may be empty now"
            assert set(was["values"] or []) <= set(found["values"] or was["values"] or []), f"{table}.{name}"


def test_every_code_list_that_a_header_names_is_one_of_the_feed_contract() -> None:
    lists = {column.codes for table in published_tables(load_models()) for column in table.header.columns.values()}
    assert lists >= {"org_level", "task_type"}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("update quality.checks set who_fixes = null", "quality.checks.who_fixes is empty in 1 rows"),
        ("update quality.checks set severity = 'FATAL'", "quality.checks.severity is none of its values in 1 rows"),
        ("update marts.daily_counts set org_code = null", "marts.daily_counts.org_code is empty in 3 rows"),
    ],
)
def test_what_breaks_a_promise_is_not_published(
    fault: str, said: str, warehouse: duckdb.DuckDBPyConnection, home: Home, models: dict[str, Model]
) -> None:
    warehouse.execute(fault)
    with pytest.raises(RefusedError, match=said):
        publish(warehouse, home, models, FACTS)
    assert not home.manifest.exists()
    assert not home.published_database.exists()
