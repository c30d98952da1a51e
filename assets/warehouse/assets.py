"""The warehouse's assets: one per SQL model, built together in one transaction."""

import warnings
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import dagster as dg

from assets.exports.assets import arrival_key
from assets.warehouse.build.transaction import BUILT_SCHEMAS
from assets.warehouse.lineage.columns import Lineage
from assets.warehouse.lineage.steps import ROWS
from assets.warehouse.models.empty import source_columns
from assets.warehouse.models.model import Model, load_models, of_schemas
from assets.warehouse.state.arrived import DayAccount

if TYPE_CHECKING:
    from assets.warehouse.build.transaction import TableRows

OWNERS = ["team:data_team"]
_LAKE, _LEDGER, _REF = "lake", "ledger", "ref"
_SETTINGS = dg.AssetKey(["ref", "settings"])

site_rules = dg.AssetSpec(
    _SETTINGS,
    group_name="core",
    description="本单位的口径：计数规则、期历规则、代码表、节假日调整",
    kinds={"toml"},
    owners=OWNERS,
)


def model_key(full_name: str) -> dg.AssetKey:
    """The asset of a model, or of what it reads outside ``sql/``: the lake, the receipts behind the ledger, the rules."""
    schema, name = full_name.split(".")
    if schema == _LEDGER:
        return dg.AssetKey([_LAKE, "receipts"])
    return _SETTINGS if schema == _REF else dg.AssetKey([schema, name])


def model_spec(model: Model, lineage: Lineage, group: str | None = None) -> dg.AssetSpec:
    """A model as an asset: its words, its columns and what they are computed from come from the file."""
    header = model.header
    return dg.AssetSpec(
        model_key(model.full_name),
        deps=sorted({model_key(reference) for reference in model.references}),
        group_name=group or model.schema,
        description=f"{header.description}\n\n粒度：{'、'.join(header.grain)}"
        + (f"\n\n注意：{header.nuance}" if header.nuance else ""),
        kinds={"duckdb", "sql"},
        owners=[f"team:{header.owner}"],
        metadata={
            "dagster/column_schema": dg.TableSchema(
                [dg.TableColumn(name, column.type, description=column.description) for name, column in header.columns.items()]
            ),
            "dagster/column_lineage": column_lineage(model, lineage),
            "dagster/code_references": _reference_to(model),
        },
    )


def _reference_to(model: Model) -> dg.CodeReferencesMetadataValue:
    """The link from the asset's page to its file. The class is in beta, which nobody at a terminal needs to hear."""
    with warnings.catch_warnings(action="ignore", category=dg.BetaWarning):
        return dg.CodeReferencesMetadataValue(
            code_references=[dg.LocalFileCodeReference(file_path=str(model.path), label=f"sql/{model.schema}/{model.path.name}")]
        )


def column_lineage(model: Model, lineage: Lineage) -> dg.TableColumnLineage:
    """For each column of ``model``, the columns of the assets it reads that its value is computed from."""
    deps = {name: sorted(lineage.of(model.full_name, name).values) for name in model.header.columns}
    return dg.TableColumnLineage(
        {
            name: [dg.TableColumnDep(model_key(ref.table), _column_of_asset(*ref)) for ref in refs if ref.column != ROWS]
            for name, refs in deps.items()
        }
    )


def _column_of_asset(table: str, column: str) -> str:
    """The column's name there; where one asset stands for several tables, with its table."""
    schema, name = table.split(".")
    return f"{name}.{column}" if schema in (_LEDGER, _REF) else column


# 0.2 s for the lineage of all columns, so it is found when the definitions are loaded, and once in a process
@lru_cache(maxsize=2)
def _specs(known: tuple[Model, ...]) -> tuple[dg.AssetSpec, ...]:
    models = {model.full_name: model for model in known}
    lineage = Lineage(models, source_columns(), across=False)
    return tuple(model_spec(model, lineage) for model in of_schemas(models, BUILT_SCHEMAS))


def warehouse_specs() -> tuple[dg.AssetSpec, ...]:
    """All models."""
    return _specs(tuple(load_models().values()))


def built_events(tables: "Iterable[TableRows]") -> Iterator[dg.AssetMaterialization]:
    """The tables of a build."""
    for table in tables:
        metadata = {"dagster/row_count": table.rows} if table.rows is not None else {}
        yield dg.AssetMaterialization(model_key(table.name), metadata=metadata)


def day_event(day: date, feed: str, account: DayAccount | None) -> dg.AssetMaterialization:
    """What has arrived of a feed on a business day, over all its deliveries; none any more where they were withdrawn."""
    if account is None:
        counts: dict[str, int | str] = {"dagster/row_count": 0, "说明": "所送的都已撤回或整件隔离，当日不再计入"}
    else:
        counts = {
            "dagster/row_count": account.loaded,
            "记录": account.records,
            "取代": account.superseded,
            "隔离": account.quarantined,
            "文件": account.files,
            "批次": account.deliveries,
        }
    return dg.AssetMaterialization(arrival_key(feed), partition=str(day), metadata=counts)
