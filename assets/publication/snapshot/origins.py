"""The source of each published column, in Chinese: the platform's columns it is computed from, then those that decide what counts.

The words come from the feed contract, the columns from ``warehouse/lineage/``.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from assets.platform.contract import ORIGIN_COLUMNS, Contract, load_contract
from assets.publication.snapshot.catalogue import VIEWS_FOLDER, VIEWS_SCHEMA
from assets.warehouse.lineage.columns import ColumnRef, Lineage, Trace
from assets.warehouse.lineage.steps import ROWS
from assets.warehouse.models.empty import source_columns
from assets.warehouse.models.model import Model

CONSTANT = "固定值"
_CONDITIONS = "条件："
_FEEDS, _OPENING = "lake", "lake.opening"
# what the tables are that no feed brings
_WORDS = {
    _OPENING: "期初数",
    "ledger.deliveries": "批次账",
    "ledger.files": "文件账",
    "ledger.refusals": "隔离账",
    "ledger.warnings": "提示账",
    "ledger.withdrawals": "撤回的批次",
    "ledger.held": "等待与冲突的批次",
    "ledger.frozen_figures": "冻结的数字",
    "ledger.frozen_receipts": "冻结时的回执",
    "ledger.frozen_openings": "冻结时的期初数",
    "ledger.errata": "更正说明",
    "ref.issue_calendar": "期历",
    "ref.festivals": "节日表",
    "ref.task_types": "事项类型表",
    "ref.uncounted_result_types": "不计办结的办结结果",
    "ref.rules": "口径与期历设置",
    "ref.reasons": "隔离原因表",
    "ref.codes": "代码表",
    "ref.days": "日历",
}


def column_sources(models: Mapping[str, Model]) -> dict[tuple[str, str], str]:
    """The origin of each column of a model, by its table's name as it is published and its own."""
    return _column_sources(tuple(models.values()))


# 0.5 s, and both the database and the dictionary of a publication ask
@lru_cache(maxsize=2)
def _column_sources(known: tuple[Model, ...]) -> dict[tuple[str, str], str]:
    models = {model.full_name: model for model in known}
    lineage = Lineage(models, source_columns(), across=True)
    words = _words(load_contract())
    found = {}
    for model in models.values():
        keys = _values(lineage, model, model.header.grain)
        schema = VIEWS_SCHEMA if model.schema == VIEWS_FOLDER else model.schema
        for column in model.header.columns:
            trace = lineage.of(model.full_name, column)
            # the key's own columns stand alongside it already, and what decides about rows decides about keys alike
            deciding = frozenset() if column in model.header.grain else _deciding(trace) - keys
            found[f"{schema}.{model.name}", column] = _sentence(trace.values, deciding, words)
    return found


def _values(lineage: Lineage, model: Model, columns: Iterable[str]) -> frozenset[ColumnRef]:
    return frozenset().union(*(lineage.of(model.full_name, column).values for column in columns))


def _deciding(trace: Trace) -> frozenset[ColumnRef]:
    """The conditions worth a reader's while: own columns of the feeds that the value comes from.

    Delivery, file and line decide about every row alike.
    """
    feeds = {ref.table for ref in trace.values if _is_feed(ref)}
    return frozenset(ref for ref in trace.conditions - trace.values if ref.table in feeds and ref.column not in ORIGIN_COLUMNS)


def _is_feed(ref: ColumnRef) -> bool:
    return ref.table.startswith(f"{_FEEDS}.") and ref.table != _OPENING


def _sentence(values: frozenset[ColumnRef], deciding: frozenset[ColumnRef], words: Mapping[ColumnRef, str]) -> str:
    named = [ref for ref in values if ref.column != ROWS] or list(values)
    listed = _listed(named, words) or CONSTANT
    return f"{listed}；{_CONDITIONS}{_listed(deciding, words)}" if deciding else listed


def _listed(refs: Collection[ColumnRef], words: Mapping[ColumnRef, str]) -> str:
    return "、".join(sorted(words.get(ref) or _other(ref) for ref in refs))


def _other(ref: ColumnRef) -> str:
    name = ref.table.removeprefix(f"{_FEEDS}.") + ("" if ref.column == ROWS else f".{ref.column}")
    word = _WORDS.get(ref.table)
    return f"{name}（{word}）" if word else name


def _words(contract: Contract) -> dict[ColumnRef, str]:
    """Each column of the lake as the platform names it, with its Chinese header."""
    words: dict[ColumnRef, str] = {}
    for feed in contract.feeds.values():
        table = f"{_FEEDS}.{feed.name}"
        words |= {ColumnRef(table, name): f"{feed.name}.{name}（{word}）" for name, (_, word) in ORIGIN_COLUMNS.items()}
        words |= {
            ColumnRef(table, column.inside): f"{feed.name}.{column.name}（{column.header}）"
            for column in feed.columns
            if column.inside
        }
        words[ColumnRef(table, ROWS)] = f"{feed.name}（{feed.title}）"
    return words
