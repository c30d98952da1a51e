"""Column lineage against sqlglot's own, against small queries worked out by hand, and what follows from a change."""

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage as sqlglot_lineage

from assets.warehouse.build.difference import is_of_lake
from assets.warehouse.lineage.columns import ColumnRef, Lineage
from assets.warehouse.lineage.impact import changed_columns, impact_of
from assets.warehouse.models.empty import source_columns
from assets.warehouse.models.figures import figures_of
from assets.warehouse.models.model import Model, load_models, read_model
from assets.warehouse.models.rules import TASK_CLASSES

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
BY_WHICH_VERSIONS_COMPETE = {
    *("project_no", "step_no", "issuance_no", "consult_no"),
    *("cd_time", "business_date", "sequence", "delivery", "file_index", "line"),
}
# one model of each kind of query; sqlglot's own takes 10 ms for each column
COMPARED = [
    "core.versions",
    "core.events",
    "marts.daily_counts",
    "marts.cumulative_counts",
    "marts.bulletin_figures",
    "meta.quarantine",
]


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


def test_a_branch_that_a_case_does_not_pick_adds_nothing_to_it(tmp_path: Path) -> None:
    query = """with u as (
        select 'x' as kind, a, b from core.x where c > 0
        union all
        select 'y' as kind, a, e from core.y
    ) select a, sum(case when kind = 'x' then b else 0 end) as b from u where a > 1 group by a"""
    lineage = traced(tmp_path, query)
    assert lineage.of("marts.t", "b").all == refs("core.x.a", "core.x.b", "core.x.c")
    assert lineage.of("marts.t", "a").values == refs("core.x.a", "core.y.a")
    # what else than nothing is taken of the others is of them too
    other = traced(tmp_path, query.replace("else 0", "else a"))
    assert other.of("marts.t", "b").values == refs("core.x.a", "core.x.b", "core.y.a", "core.y.e")


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
        of_lake = {ref for ref in trace.values | trace.conditions if is_of_lake(ref.table)}
        assert {ref.table for ref in of_lake & trace.values} == {f"lake.{feed}"}, measure
        # of the others, what tells which version of a key wins: all feeds do so in one model
        others = {ref for ref in of_lake if ref.table != f"lake.{feed}"}
        assert all(ref.column in BY_WHICH_VERSIONS_COMPETE for ref in others), measure


def test_every_figure_is_found_with_its_name() -> None:
    composite = {f"composite.{m}.{p}" for m in ("consulted", "accepted", "issued", "transferred") for p in ("week", "ytd")}
    classes = {f"{c}.{m}.ytd" for c in ("licence", "public_service", "other_six") for m in ("accepted", "completed")}
    handbook = {"handbook.finished.week", "handbook.finished.total", "handbook.items", "handbook.share"}
    assert {figure.name for figure in figures_of(ACROSS, TASK_CLASSES)} == composite | classes | handbook


# the counting rule of all of them is one
OF_COUNTS = {f"composite.{m}.{p}" for m in ("consulted", "accepted", "issued", "transferred") for p in ("week", "ytd")} | {
    f"{c}.{m}.ytd" for c in TASK_CLASSES for m in ("accepted", "completed")
}


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("core.versions", OF_COUNTS),
        ("core.events", OF_COUNTS),
        ("core.handbook_items", {"handbook.finished.week", "handbook.finished.total", "handbook.items", "handbook.share"}),
        ("marts.organizations", set()),
        ("meta.files", set()),
    ],
)
def test_a_change_reaches_its_figures_and_no_others(name: str, figures: set[str]) -> None:
    assert set(impact_of(MODELS, SOURCES, name, TASK_CLASSES).figures) == figures


def test_a_change_reaches_columns_of_tables_and_views() -> None:
    touched = impact_of(MODELS, SOURCES, "marts.daily_counts", TASK_CLASSES, with_change("marts.daily_counts", *_ISSUED)).touched
    assert "issued" in touched["marts.weekly_counts"]
    assert "accepted" not in touched["marts.weekly_counts"]
    assert "颁发" in touched["views.周统计"]
    assert "受理" not in touched["views.周统计"]
    touched = impact_of(MODELS, SOURCES, "core.events", TASK_CLASSES).touched
    assert {name for name in touched if name.startswith(("core.", "meta."))} == {
        "core.organization_days",
        "core.organization_names",
    }


_ISSUED = ("when measure = 'issued' then counted", "when measure = 'issued' then 2 * counted")


def with_change(name: str, old: str, new: str) -> Model:
    text = MODELS[name].path.read_text(encoding="utf-8")
    assert old in text
    return read_model(MODELS[name].path, text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "changed"),
    [
        ("core.versions", "accept_date as happened_at", "accept_date + interval 1 day as happened_at", {"event_date"}),
        ("core.versions", "description: 部门编码", "description: 编码", set()),
        ("core.versions", "records.is_composite,", "records.is_composite, -- 是否综窗", set()),
        # which rows are current decides about all columns
        ("core.events", "live.cd_time desc, live.business", "live.business", set(MODELS["core.events"].header.columns)),
        ("core.versions", "counted: {type: BIGINT", "counted: {type: INTEGER", {"counted"}),
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
