"""The warehouse's assets: one per SQL model, built together in one transaction."""

from collections.abc import Iterator
from functools import lru_cache

import dagster as dg

from assets.exports.delivery import Intake
from assets.guard import gated
from assets.warehouse.build.transaction import BUILT_SCHEMAS
from assets.warehouse.empty import source_columns
from assets.warehouse.lineage import Lineage
from assets.warehouse.models import Model, load_models, of_schemas
from assets.warehouse.steps import ROWS
from assets.warehouse.store import Warehouse

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
        },
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


def warehouse_assets() -> dg.AssetsDefinition:
    """The one step that builds all models; made by a function since it reads ``sql/``."""

    @dg.multi_asset(
        name="build_warehouse",
        specs=_specs(tuple(load_models().values())),
        pool="warehouse",
    )
    @gated
    def build_warehouse(
        intake: dg.ResourceParam[Intake], warehouse: dg.ResourceParam[Warehouse]
    ) -> Iterator[dg.MaterializeResult[None]]:
        """由湖中文件重算各表，一个事务完成。"""
        with warehouse.open("build") as connection:
            built = warehouse.build(connection, intake.survey().held)
        for table in built:
            metadata = {"dagster/row_count": table.rows} if table.rows is not None else {}
            yield dg.MaterializeResult(asset_key=model_key(table.name), metadata=metadata)

    return build_warehouse
