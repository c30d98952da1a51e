"""The dictionary names everything that is published; the project's own views hold to their tables."""

import re

import duckdb

from assets.platform.contract import load_contract
from assets.publication.catalogue import own_headers, published_tables, published_views
from assets.publication.dictionary import dictionary_markdown
from assets.publication.origins import column_sources
from assets.warehouse.models import Model, load_models

CHINESE = re.compile(r"[\u4e00-\u9fff]")
MEASURES = ["consulted", "accepted", "completed", "issued", "transferred"]
DIMENSIONS = "org_code varchar, org_level varchar, task_type varchar, is_composite boolean"


def test_every_table_column_and_code_is_in_the_dictionary(models: dict[str, Model]) -> None:
    contract = load_contract()
    page = dictionary_markdown(models, contract)
    for table in [*published_tables(models), *(view for view, _ in published_views(models))]:
        section = page.split(f"### {table.full_name}\n", 1)[1].split("\n### ", 1)[0]
        assert table.header.description in section
        for column in table.header.columns:
            assert f"| `{column}` |" in section
    for codes in contract.codes.values():
        section = page.split(f"### {codes.name}\n", 1)[1].split("\n### ", 1)[0]
        assert all(f"| `{code}` | {word} |" in section for code, word in codes.values.items())


def test_every_column_says_which_columns_of_the_platform_it_comes_from() -> None:
    sources = column_sources(load_models())
    assert sources["marts.daily_counts", "event_date"] == (
        "accept.accept_date（受理时间）、consult.consult_date（咨询时间）、issue.issue_date（颁发时间）、"
        "process.event_start_time（开始时间）、result.result_date（办结时间）"
    )
    # the platform's own name, not the one inside
    assert sources["marts.daily_counts", "issued"] == (
        "issue.cd_operation（操作类型）；条件：issue.cd_time（同步时间）、issue.issue_no（颁发流水号）"
    )
    assert "opening.value（期初数）" in sources["marts.cumulative_counts", "accepted"]
    assert sources["meta.files", "records"] == "ledger.files.records（文件账）"
    assert sources["marts.bulletin_figures", "unit"] == "固定值"
    assert sources["main.日统计", "受理"] == sources["marts.daily_counts", "accepted"]


def test_every_source_is_of_the_platform_or_named_in_chinese() -> None:
    sources = column_sources(load_models())
    for table in [*published_tables(load_models()), *(view for view, _ in published_views(load_models()))]:
        for column in table.header.columns if table.full_name not in own_headers() else ():
            source = sources[table.full_name, column]
            parts = re.split("、|；条件：", source)
            assert all(re.fullmatch(r"[a-z0-9_.]+（.+）|固定值", part) for part in parts), (table.full_name, column, source)


def test_what_the_staff_read_is_chinese() -> None:
    models = load_models()
    headers = {**own_headers(), **{view.full_name: view.header for view, _ in published_views(models)}}
    assert set(headers) >= {"quality.checks", "meta.columns", "meta.publication", "main.周统计", "main.累计统计", "main.日统计"}
    for header in headers.values():
        assert CHINESE.search(header.description)
        assert all(CHINESE.search(column.description) for column in header.columns.values())


def test_the_views_give_names_and_lose_no_row() -> None:
    with duckdb.connect() as con:
        con.execute("create schema marts")
        measures = ", ".join(f"{name} bigint" for name in MEASURES)
        keys = {"weekly_counts": "issue_key varchar", "cumulative_counts": "issue_key varchar", "daily_counts": "event_date date"}
        for table, key in keys.items():
            con.execute(f"create table marts.{table} ({key}, {DIMENSIONS}, {measures})")
            con.execute(
                f"insert into marts.{table} values"
                " ('2023-09-01', 'A', '2', '01', true, 1, 2, 3, 4, 5), ('2023-09-01', '', '2', '', false, 6, 7, 8, 9, 10),"
                " ('2023-09-01', 'B', '3', '01', true, 0, 1, 0, 0, 0)"
            )
        con.execute("create table marts.organizations (org_code varchar, org_name varchar)")
        con.execute("insert into marts.organizations values ('A', '甲厅'), ('B', null)")
        con.execute("create table marts.task_types as select '01' as task_type, '行政许可' as task_type_name, 'licence' as class")
        for view, query in published_views(load_models()):
            relation = con.execute(query)
            described = relation.description or []
            types = {column[0]: str(column[1]) for column in described}
            assert types == {name: column.type for name, column in view.header.columns.items()}
            rows = sorted(relation.fetchall(), key=lambda row: row[1])
            assert [row[5:] for row in rows] == [
                ("未分部门", "未注明", 6, 7, 8, 9, 10),
                ("甲厅", "行政许可", 1, 2, 3, 4, 5),
                ("B", "行政许可", 0, 1, 0, 0, 0),
            ]
