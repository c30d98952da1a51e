"""Column lineage against sqlglot's own, against small queries worked out by hand, and what follows from a change."""

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage as sqlglot_lineage

from assets.warehouse.empty import source_columns
from assets.warehouse.figures import figures_of
from assets.warehouse.impact import changed_columns, impact_of
from assets.warehouse.lineage import ColumnRef, Lineage
from assets.warehouse.models import Model, load_models, read_model
from assets.warehouse.rules import TASK_CLASSES

MODELS = load_models()
SOURCES = source_columns()
DIRECT = Lineage(MODELS, SOURCES, across=False)
ACROSS = Lineage(MODELS, SOURCES, across=True)
HEADER = """/*
description: 表
grain: [a]
owner: data_team
kind: table
columns:
  a: {type: BIGINT, description: 甲}
  b: {type: BIGINT, description: 乙}
*/

"""
# one model of each kind of query; sqlglot's own takes 10 ms for each column
COMPARED = ["core.accept", "marts.daily_counts", "marts.cumulative_counts", "marts.bulletin_figures", "meta.quarantine"]


def refs(*names: str) -> set[ColumnRef]:
    return {ColumnRef(*name.rsplit(".", 1)) for name in names}


def model(folder: Path, query: str) -> Model:
    path = folder / "marts" / "t.sql"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEADER + query, encoding="utf-8")
    return read_model(path)


def traced(folder: Path, query: str) -> Lineage:
    sources = {"core.x": ("a", "b", "c", "d"), "core.y": ("a", "e")}
    return Lineage({"marts.t": model(folder, query)}, sources, across=False)


@pytest.mark.parametrize("name", COMPARED)
def test_values_are_those_that_sqlglot_finds(name: str) -> None:
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for table, columns in [*SOURCES.items(), *((other.full_name, other.header.columns) for other in MODELS.values())]:
        folder, short = table.split(".")
        schema.setdefault(folder, {})[short] = dict.fromkeys(columns, "varchar")
    for column in MODELS[name].header.columns:
        found = set()
        for node in sqlglot_lineage(column, MODELS[name].query, schema=schema, dialect="duckdb").walk():
            if isinstance(node.expression, exp.Table):
                found.add(ColumnRef(f"{node.expression.db}.{node.expression.name}", node.name.split(".")[-1].strip('"')))
        assert DIRECT.of(name, column).values == found, column


def test_conditions_are_told_apart_from_values(tmp_path: Path) -> None:
    lineage = traced(
        tmp_path, "select x.a, sum(x.b) as b from core.x as x inner join core.y as y on x.c = y.e where x.d > 0 group by x.a"
    )
    assert lineage.of("marts.t", "b").values == refs("core.x.b")
    assert lineage.of("marts.t", "b").conditions == refs("core.x.a", "core.x.c", "core.x.d", "core.y.e")


def test_a_left_join_decides_only_for_what_reads_it(tmp_path: Path) -> None:
    lineage = traced(tmp_path, "select x.a, y.e as b from core.x as x left join core.y as y on x.c = y.a")
    assert lineage.of("marts.t", "a").all == refs("core.x.a")
    assert lineage.of("marts.t", "b").all == refs("core.y.e", "core.x.c", "core.y.a")


def test_having_never_changes_a_group_that_stays(tmp_path: Path) -> None:
    lineage = traced(tmp_path, "select a, sum(b) as b from core.x group by a having sum(c) > 0")
    assert lineage.of("marts.t", "b").all == refs("core.x.a", "core.x.b")
    assert lineage.of("marts.t", "a").conditions >= refs("core.x.c")


def test_a_branch_where_a_column_is_constant_adds_nothing_to_it(tmp_path: Path) -> None:
    query = """with u as (
        select a, b, 0 as e from core.x where c > 0
        union all
        select a, 0, e from core.y
    ) select a, sum(b) as b from u where a > 1 group by a"""
    lineage = traced(tmp_path, query)
    assert lineage.of("marts.t", "b").all == refs("core.x.a", "core.x.b", "core.x.c")
    assert lineage.of("marts.t", "a").values == refs("core.x.a", "core.y.a")


def test_a_count_of_rows_is_of_what_tells_them_apart(tmp_path: Path) -> None:
    # the rows of a table without a header are all that is known of it
    assert traced(tmp_path, "select a, count(*) as b from core.x group by a").of("marts.t", "b").values == refs("core.x.*")
    assert DIRECT.of("meta.deliveries", "files").values == refs(
        "core.file_states.delivery", "core.file_states.file_index", "ledger.held.files"
    )


def test_a_star_hands_a_column_on(tmp_path: Path) -> None:
    lineage = traced(tmp_path, "with x as (select * from core.x), z as (select x.* from x) select a, b from z")
    assert lineage.of("marts.t", "b").values == refs("core.x.b")


def test_a_query_inside_an_expression_counts(tmp_path: Path) -> None:
    lineage = traced(tmp_path, "select x.a, (select max(y.e) from core.y as y where y.a = x.c) as b from core.x as x")
    assert lineage.of("marts.t", "b").all == refs("core.y.e", "core.y.a", "core.x.c")


def test_a_column_that_nothing_has_is_kept_as_unknown(tmp_path: Path) -> None:
    lineage = traced(tmp_path, "select a, nope as b from core.x where core_x.a > 0")
    assert sorted(column.sql() for step in lineage.step("marts.t").all_steps() for column in step.unknown) == ["core_x.a", "nope"]


def test_through_all_models_a_measure_comes_from_its_own_feed_alone() -> None:
    feeds = {
        "consulted": "consult",
        "accepted": "accept",
        "completed": "result",
        "issued": "issue",
        "transferred": "process",
    }
    for measure, feed in feeds.items():
        trace = ACROSS.of("marts.weekly_counts", measure)
        of_feeds = {ref.table for ref in trace.values | trace.conditions if ref.table.startswith("lake.")} - {"lake.opening"}
        assert of_feeds == {f"lake.{feed}"}, measure


def test_every_figure_is_found_with_its_name() -> None:
    composite = {f"composite.{m}.{p}" for m in ("consulted", "accepted", "issued", "transferred") for p in ("week", "ytd")}
    classes = {f"{c}.{m}.ytd" for c in ("licence", "public_service", "other_six") for m in ("accepted", "completed")}
    handbook = {"handbook.finished.week", "handbook.finished.total", "handbook.items", "handbook.share"}
    assert {figure.name for figure in figures_of(ACROSS, TASK_CLASSES)} == composite | classes | handbook


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("core.consult", {"composite.consulted.week", "composite.consulted.ytd"}),
        ("core.result", {f"{c}.completed.ytd" for c in TASK_CLASSES}),
        ("core.handbook_items", {"handbook.finished.week", "handbook.finished.total", "handbook.items", "handbook.share"}),
        ("marts.organizations", set()),
        ("meta.files", set()),
    ],
)
def test_a_change_reaches_its_figures_and_no_others(name: str, figures: set[str]) -> None:
    assert set(impact_of(MODELS, SOURCES, name, TASK_CLASSES).figures) == figures


def test_a_change_reaches_columns_of_tables_and_views() -> None:
    touched = impact_of(MODELS, SOURCES, "core.issuance", TASK_CLASSES).touched
    assert "issued" in touched["marts.weekly_counts"]
    assert "accepted" not in touched["marts.weekly_counts"]
    assert "颁发" in touched["views.周统计"]
    assert "受理" not in touched["views.周统计"]
    assert {name for name in touched if name.startswith(("core.", "meta."))} == {
        "core.organization_days",
        "core.organization_names",
    }


def with_change(name: str, old: str, new: str) -> Model:
    text = MODELS[name].path.read_text(encoding="utf-8")
    assert old in text
    return read_model(MODELS[name].path, text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "changed"),
    [
        ("core.accept", "cast(live.accept_date as date)", "cast(live.accept_date as date) + 1", {"event_date"}),
        ("core.accept", "description: 办件编号", "description: 编号", set()),
        ("core.accept", "live.is_composite,", "live.is_composite, -- 是否综窗", set()),
        # which rows are current decides about all columns
        ("core.accept", "live.cd_time desc, live.business", "live.business", set(MODELS["core.accept"].header.columns)),
        ("core.result", "counted: {type: BIGINT", "counted: {type: INTEGER", {"counted"}),
    ],
)
def test_the_changed_columns_are_those_defined_otherwise(name: str, old: str, new: str, changed: set[str]) -> None:
    assert set(changed_columns(with_change(name, old, new), MODELS[name], ACROSS)) == changed


def test_of_the_figures_only_those_defined_otherwise() -> None:
    before = with_change(
        "marts.bulletin_figures", "'handbook.items', '项', 'all', items_total", "'handbook.items', '项', 'all', 0"
    )
    assert impact_of(MODELS, SOURCES, "marts.bulletin_figures", TASK_CLASSES, before).figures == ("handbook.items",)


def test_no_model_has_an_unknown_column() -> None:
    assert not [str(column) for name in MODELS for step in DIRECT.step(name).all_steps() for column in step.unknown]


def test_sqlglot_still_marks_the_lines_that_findings_need() -> None:
    (name,) = sqlglot.parse_one("select\n a", dialect="duckdb").find_all(exp.Identifier)
    assert name.meta["line"] == 2
