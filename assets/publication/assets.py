"""The published database as an asset; its Chinese views are part of it, since Dagster's names are ASCII."""

import dagster as dg

from assets.guard import gated
from assets.publication.access import PublishingRules
from assets.publication.changes import described
from assets.publication.gate import publish_if_good
from assets.publication.publish import changes_of
from assets.warehouse.assets import OWNERS, model_key
from assets.warehouse.models import load_models, of_schemas
from assets.warehouse.store import Warehouse

DATABASE = dg.AssetKey(["published", "database"])


def publication_assets() -> dg.AssetsDefinition:
    """The step that publishes; made by a function since it reads ``sql/``."""
    models = load_models()
    views = "、".join(model.name for model in of_schemas(models, ("views",)))

    @dg.asset(
        key=DATABASE,
        deps=sorted(model_key(model.full_name) for model in of_schemas(models, ("marts", "meta"))),
        group_name="publication",
        description=f"发布库 published/warehouse.duckdb：只读，只含统计数，整体替换；中文视图：{views}；另有 Parquet 与清单",
        kinds={"duckdb", "parquet"},
        owners=OWNERS,
        pool="warehouse",
    )
    @gated
    def publish(
        warehouse: dg.ResourceParam[Warehouse], publishing: dg.ResourceParam[PublishingRules]
    ) -> dg.MaterializeResult[None]:
        """检查通过后，整体替换发布库。"""
        manifest = publish_if_good(warehouse, publishing)
        changes = changes_of(warehouse.home, manifest)
        return dg.MaterializeResult(
            metadata={
                "版本": manifest.version,
                "数据截至": str(manifest.business_date_through),
                "期数": len(manifest.issues),
                "表": {name: table.rows for name, table in manifest.tables.items()},
                "与上一版相比": described(changes) if changes else "没有记录",
            }
        )

    return publish
