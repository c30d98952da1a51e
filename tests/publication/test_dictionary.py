"""The dictionary names everything that is published; the project's own views hold to their tables."""

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from assets.errors import UsageError
from assets.home import Home
from assets.platform.contract import load_contract
from assets.publication.dictionary.as_html import dictionary_html
from assets.publication.dictionary.as_markdown import dictionary_markdown
from assets.publication.dictionary.as_workbook import dictionary_workbook
from assets.publication.dictionary.content import Dictionary, build_dictionary, example_queries
from assets.publication.dictionary.files import write_dictionary
from assets.publication.publish import publish
from assets.publication.snapshot.catalogue import own_headers, published_tables, published_views
from assets.publication.snapshot.origins import column_sources
from assets.warehouse.models.code_lists import published_codes
from assets.warehouse.models.model import Model, load_models

from .small_warehouse import FACTS

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def real() -> Dictionary:
    return build_dictionary(load_models())


class Page(HTMLParser):
    """The page as its reader meets it: the cells of each row by the row's anchor, sections, links, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: dict[str, list[str]] = {}
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self._row: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "id" in given:
            self.ids.append(given["id"] or "")
        if tag == "a":
            self.links.append(given.get("href") or "")
        if tag in ("link", "img", "iframe") or "src" in given:
            self.loaded.append(tag)
        if tag == "tr":
            self._row = []
            self.rows[given.get("id") or f"row {len(self.rows)}"] = self._row
        if tag in ("td", "th") and self._row is not None:
            self._row.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr" and self._row is not None:
            self._row[:] = [cell.strip() for cell in self._row]
            self._row = None

    def handle_data(self, data: str) -> None:
        if self._row:
            self._row[-1] += data


def test_every_table_column_and_code_is_in_the_markdown(real: Dictionary) -> None:
    page = dictionary_markdown(real)
    for table in [*real.views, *real.tables]:
        section = page.split(f"### {table.name}\n", 1)[1].split("\n### ", 1)[0]
        assert table.description in section
        for column in table.columns:
            assert f"| `{column.name}` |" in section
    lists = [(codes.name, codes.values) for codes in load_contract().codes.values()]
    lists += [(codes.name, codes.values) for codes in published_codes().values()]
    for name, values in lists:
        section = page.split(f"### {name}\n", 1)[1].split("\n### ", 1)[0]
        assert all(f"| `{code}` | {word} |" in section for code, word in values.items())


def test_the_page_has_an_anchor_for_every_table_and_column_and_needs_no_network(real: Dictionary) -> None:
    text = dictionary_html(real)
    page = Page(text)
    for table in [*real.views, *real.tables]:
        assert table.name in page.ids
        for column in table.columns:
            cells = page.rows[f"{table.name}.{column.name}"]
            assert column.name in cells[0]
            assert cells[1] == column.type
            assert column.description in cells[2]
            assert cells[3] == column.source
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert page.loaded == []
    assert "http" not in re.sub('<meta http-equiv="Content-Security-Policy"', "", text)


def test_texts_are_escaped_in_the_page(models: dict[str, Model]) -> None:
    text = dictionary_html(build_dictionary(models))
    assert "部门的编码 &#39;org&#39; &#34;code&#34; ; drop" in text
    assert "'org' \"code\"" not in text


def test_the_workbook_holds_the_same(real: Dictionary) -> None:
    content = dictionary_workbook(real)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert list(sheets) == ["表", "列", "代码", "例"]
    tables = [*real.views, *real.tables]
    assert [row[0] for row in sheets["表"][1:]] == [table.name for table in tables]
    columns = [[table.name, column.name, column.type, column.description] for table in tables for column in table.columns]
    assert [row[:4] for row in sheets["列"][1:]] == columns
    assert len(sheets["代码"]) == 1 + sum(len(codes.values) for codes in real.codes)
    assert content == dictionary_workbook(build_dictionary(load_models()))


def test_the_page_beside_the_publication_is_what_the_file_says(
    warehouse: duckdb.DuckDBPyConnection, home: Home, models: dict[str, Model]
) -> None:
    manifest = publish(warehouse, home, models, FACTS)
    text = (home.published / "dictionary.html").read_text(encoding="utf-8")
    page = Page(text)
    with duckdb.connect(home.published_database, read_only=True) as con:
        columns = con.execute(
            "select schema_name || '.' || table_name || '.' || column_name, data_type, comment from duckdb_columns() where not internal"
        ).fetchall()
    assert {name for name in page.rows if not name.startswith("row ")} == {name for name, _, _ in columns}
    for name, data_type, comment in columns:
        assert page.rows[name][1] == data_type
        assert page.rows[name][2].startswith(comment)
    assert f"数据截至 2023-09-01，版本 {manifest.version}，生成于 2023-09-02 03:00。" in text


def test_every_published_table_has_an_example_and_every_example_its_table(real: Dictionary) -> None:
    tables = [*real.views, *real.tables]
    assert set(example_queries()) == {table.name for table in tables}
    assert all(table.examples for table in tables)


def test_code_lists_name_columns_that_there_are(real: Dictionary) -> None:
    columns = {f"{table.name}.{column.name}" for table in [*real.views, *real.tables] for column in table.columns}
    for codes in published_codes().values():
        for named in codes.columns:
            assert any(column == named or column.endswith(f".{named}") for column in columns), named


def test_forms_are_written_as_files_and_another_is_refused(models: dict[str, Model], tmp_path: Path) -> None:
    dictionary = build_dictionary(models)
    paths = write_dictionary(dictionary, tmp_path / "out", ["md", "html", "xlsx"])
    assert [path.name for path in paths] == ["dictionary.md", "dictionary.html", "dictionary.xlsx"]
    assert paths[0].read_text(encoding="utf-8") == dictionary_markdown(dictionary)
    for forms in (["pdf"], []):
        with pytest.raises(UsageError, match="choose of md, html, xlsx"):
            write_dictionary(dictionary, tmp_path / "other", forms)


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
