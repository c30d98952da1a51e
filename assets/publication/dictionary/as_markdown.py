"""The dictionary as one Markdown page: views, tables, code lists."""

from assets.publication.dictionary.content import CodeEntry, ColumnEntry, Dictionary, TableEntry

_INTRODUCTION = """# 数据字典

本页由程序生成，说明发布库 `published/warehouse.duckdb` 的全部表、视图和代码。{freshness}
各表另有 Parquet 文件，由 `published/manifest.json` 的 `tables` 指名；`published/parquet/<模式>/<表>.parquet` 是最新的，发布途中读可能混两版。
“来源”一栏是该列由平台的哪些列算得；“条件：”之后的列不参与计算，但决定哪些记录计入。批次、文件和行的先后对各列一样起作用，不逐列列出。
时间均为北京时间；发布库不含个案和个人信息。
"""


def dictionary_markdown(dictionary: Dictionary) -> str:
    """The whole page."""
    parts = [
        _INTRODUCTION.format(freshness=dictionary.freshness),
        "## 中文视图\n",
        *map(_table, dictionary.views),
        "## 表\n",
        *map(_table, dictionary.tables),
        "## 代码表\n",
        *map(_codes, dictionary.codes),
    ]
    return "\n".join(parts)


def _table(table: TableEntry) -> str:
    lines = [f"### {table.name}", "", table.description, ""]
    if table.nuance:
        lines += [f"**注意**：{table.nuance}", ""]
    lines += [f"每行由以下列确定：{'、'.join(f'`{column}`' for column in table.grain)}", ""]
    if table.made_from:
        lines += [f"来源：{'、'.join(f'`{name}`' for name in table.made_from)}", ""]
    lines += ["| 列 | 类型 | 说明 | 来源 |", "|---|---|---|---|"]
    lines += [
        f"| `{column.name}` | {column.type} | {_cell(_said(column))} | {_cell(column.source)} |" for column in table.columns
    ]
    for example in table.examples:
        lines += ["", f"例：{example.question}", "", "```sql", example.sql, "```"]
    return "\n".join([*lines, ""])


def _said(column: ColumnEntry) -> str:
    return f"{column.description}（代码表：{column.codes}）" if column.codes else column.description


def _codes(codes: CodeEntry) -> str:
    lines = [f"### {codes.name}", ""]
    if codes.key:
        lines += [f"`marts.codes` 中 `code_list = '{codes.key}'`。", ""]
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
