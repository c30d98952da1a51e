"""The Dagster location: the asset graph as it was last reviewed, and that loading it does no work."""

import subprocess
import sys
from pathlib import Path

from assets.warehouse.assets import warehouse_specs
from pipelines.definitions import build_definitions
from pipelines.settings import load_settings

ROOT = Path(__file__).parents[2]
SNAPSHOT = Path(__file__).with_name("asset_graph.txt")


def drawn_graph(home: Path) -> str:
    graph = build_definitions(load_settings(home)).resolve_asset_graph()
    lines = []
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        parents = ", ".join(sorted(parent.to_user_string() for parent in node.parent_keys))
        lines.append(f"{key.to_user_string()} [{node.group_name}] <- {parents}")
    return "\n".join(lines) + "\n"


def test_the_asset_graph_is_the_reviewed_one(tmp_path: Path) -> None:
    """After a change that was meant: ``make docs`` writes the file again, for review."""
    assert drawn_graph(tmp_path) == SNAPSHOT.read_text(encoding="utf-8")


def test_every_asset_has_chinese_words_a_group_and_an_owner(tmp_path: Path) -> None:
    graph = build_definitions(load_settings(tmp_path)).resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert any("\u4e00" <= letter <= "\u9fff" for letter in node.description or ""), key
        assert node.owners, key
        assert node.group_name != "default", key


def test_column_lineage_names_assets_that_are_read_and_columns_that_they_have() -> None:
    specs = {spec.key: spec for spec in warehouse_specs()}
    assert len(specs) > 20
    for key, spec in specs.items():
        columns = [column.name for column in spec.metadata["dagster/column_schema"].columns]
        lineage = spec.metadata["dagster/column_lineage"].deps_by_column
        assert list(lineage) == columns
        for dep in (dep for deps in lineage.values() for dep in deps):
            assert dep.asset_key in {read.asset_key for read in spec.deps}, (key, dep)
            if dep.asset_key in specs:
                assert dep.column_name in [c.name for c in specs[dep.asset_key].metadata["dagster/column_schema"].columns]


def test_loading_the_location_imports_no_great_expectations_and_writes_nothing(tmp_path: Path) -> None:
    script = "import sys, pipelines.definitions as d; d.build_definitions(d.load_settings()); print('great_expectations' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"ZHOUBAO_HOME": str(tmp_path / "home"), "PATH": "", "HOME": str(tmp_path)},
    )
    assert result.stdout.strip() == "False"
    assert not (tmp_path / "home").exists()
