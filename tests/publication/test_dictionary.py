"""The dictionary names everything that is published; the project's own views hold to their tables."""

import re
from pathlib import Path

from assets.platform.contract import load_contract
from assets.publication.catalogue import own_headers, published_tables, published_views
from assets.publication.dictionary import dictionary_markdown
from assets.publication.origins import column_sources
from assets.warehouse.models import Model, load_models

DESIGN = Path(__file__).parents[2] / "docs" / "design.md"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


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
    assert set(headers) >= {"quality.checks", "meta.columns", "meta.publication", "main.周统计", "main.同比环比"}
    for header in headers.values():
        assert CHINESE.search(header.description)
        assert all(CHINESE.search(column.description) for column in header.columns.values())


def test_the_design_page_lists_every_published_table_with_its_grain_and_columns() -> None:
    models = load_models()
    said = re.findall(
        r"^\| `(?:main\.\"(.+)\"|([a-z_.]+))`(?: \(view\))? \| (.+) \| (.+) \|$", DESIGN.read_text(encoding="utf-8"), re.M
    )
    listed = {(view and f"main.{view}") or table: (grain.split(", "), rest.split(", ")) for view, table, grain, rest in said}
    published = [*published_tables(models), *(view for view, _ in published_views(models))]
    assert set(listed) == {table.full_name for table in published}
    for table in published:
        grain, rest = listed[table.full_name]
        assert grain == list(table.header.grain), table.full_name
        assert rest == [column for column in table.header.columns if column not in grain], table.full_name
