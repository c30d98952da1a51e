"""The data dictionary in Chinese, from the models' headers and the contract's code lists: never written by hand."""

from collections.abc import Mapping

from assets.platform.contract import CodeList, Contract
from assets.publication.catalogue import PublishedTable, published_tables, published_views
from assets.publication.origins import column_sources
from assets.warehouse.models import Model

_INTRODUCTION = """# 数据字典

本页由程序生成，说明发布库 `published/warehouse.duckdb` 的全部表、视图和代码。
各表另有 Parquet 文件：`published/parquet/<模式>/<表>.parquet`。
“来源”一栏是该列由平台的哪些列算得；“条件：”之后的列不参与计算，但决定哪些记录计入。批次、文件和行的先后对各列一样起作用，不逐列列出。
时间均为北京时间；发布库不含个案和个人信息。
"""


def dictionary_markdown(models: Mapping[str, Model], contract: Contract) -> str:
    """The whole dictionary as one Markdown page: views, tables, code lists."""
    views = [view for view, _ in published_views(models)]
    sources = column_sources(models)
    parts = [
        _INTRODUCTION,
        "## 中文视图\n",
        *(_table(view, sources) for view in views),
        "## 表\n",
        *(_table(table, sources) for table in published_tables(models)),
        "## 代码表\n",
        *map(_codes, contract.codes.values()),
    ]
    return "\n".join(parts)


def _table(table: PublishedTable, sources: Mapping[tuple[str, str], str]) -> str:
    header = table.header
    lines = [f"### {table.full_name}", "", header.description, ""]
    if header.nuance:
        lines += [f"**注意**：{header.nuance}", ""]
    lines += [f"每行由以下列确定：{'、'.join(f'`{column}`' for column in header.grain)}", ""]
    if table.source:
        lines += [f"来源：{'、'.join(f'`{name}`' for name in table.source)}", ""]
    lines += ["| 列 | 类型 | 说明 | 来源 |", "|---|---|---|---|"]
    lines += [
        f"| `{name}` | {column.type} | {_cell(column.description)} | {_cell(sources.get((table.full_name, name), ''))} |"
        for name, column in header.columns.items()
    ]
    return "\n".join([*lines, ""])


def _codes(codes: CodeList) -> str:
    lines = [f"### {codes.name}", ""]
    if codes.source:
        lines += [f"依据：{codes.source}", ""]
    if codes.other:
        lines += [f"代码表之外的值记为 `{codes.other}`。", ""]
    lines += ["| 代码 | 含义 |", "|---|---|"]
    lines += [f"| `{code}` | {_cell(word)} |" for code, word in codes.values.items()]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    """``text`` within a Markdown table, where a bar or a line's end would break the row."""
    return text.replace("|", "\\|").replace("\n", " ")
