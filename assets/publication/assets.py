"""The published database as an asset; its Chinese views are part of it, since Dagster's names are ASCII."""

from collections.abc import Iterator
from datetime import datetime

import dagster as dg

from assets.home import Home
from assets.publication.arrival import Arrival
from assets.publication.publish import changes_of
from assets.publication.snapshot.changes import described
from assets.publication.store.manifest import PublishedManifest
from assets.warehouse.assets import OWNERS, model_key
from assets.warehouse.models.model import load_models, of_schemas

DATABASE = dg.AssetKey(["published", "database"])
NEWEST_DAY, EVERY_DAY = "newest_day_is_there", "every_day_has_come"


def database_spec() -> dg.AssetSpec:
    """The published database; made by a function since it reads ``sql/``."""
    models = load_models()
    views = "、".join(model.name for model in of_schemas(models, ("views",)))
    return dg.AssetSpec(
        DATABASE,
        deps=sorted(model_key(model.full_name) for model in of_schemas(models, ("marts", "meta"))),
        group_name="publication",
        description=f"发布库 published/warehouse.duckdb：只读，只含统计数，整体替换；中文视图：{views}；另有 Parquet 与清单",
        kinds={"duckdb", "parquet"},
        owners=OWNERS,
    )


def arrival_checks() -> Iterator[dg.AssetCheckSpec]:
    """Whether what is published reaches as far as it should by now."""
    yield dg.AssetCheckSpec(
        NEWEST_DAY, asset=DATABASE, description="此刻应到的最近一个业务日期已经发布（WARN，由平台方处理；已送到的看运行记录）"
    )
    yield dg.AssetCheckSpec(
        EVERY_DAY, asset=DATABASE, description="自首批至应到的最近一日，每个业务日期都有批次（WARN，由平台方补送）"
    )


def arrival_results(arrival: Arrival, now: datetime) -> Iterator[dg.AssetCheckEvaluation]:
    """The two checks as of ``now``, the missing days listed, working days marked."""
    through = str(arrival.through) if arrival.through else "尚未发布"
    yield _evaluation(
        NEWEST_DAY, arrival.is_newest_there, {"应到": str(arrival.expected), "数据截至": through, "查于": f"{now:%F %T}"}
    )
    yield _evaluation(
        EVERY_DAY,
        not arrival.missing,
        {"缺多少天": len(arrival.missing), "其中工作日": sum(arrival.missing.values())}
        | ({"缺的业务日期": _gaps(arrival)} if arrival.missing else {}),
    )


def _gaps(arrival: Arrival) -> dg.TableMetadataValue:
    """The missing days, those that follow each other in one row, the newest first."""
    rows: list[dict[str, str | int | float | bool | None]] = [
        {"自": str(gap.first), "至": str(gap.last), "天数": gap.days, "其中工作日": gap.working_days}
        for gap in reversed(arrival.gaps)
    ]
    return dg.MetadataValue.table([dg.TableRecord(row) for row in rows])


def _evaluation(name: str, passed: bool, metadata: dict[str, str | int | dg.MetadataValue]) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        asset_key=DATABASE,
        check_name=name,
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={key: _value(word) for key, word in metadata.items()},
    )


def _value(word: str | int | dg.MetadataValue) -> dg.MetadataValue:
    if isinstance(word, dg.MetadataValue):
        return word
    return dg.MetadataValue.int(word) if isinstance(word, int) else dg.MetadataValue.text(word)


def published_metadata(home: Home, manifest: PublishedManifest) -> dict[str, object]:
    """What the page of the database shows of a publication."""
    changes = changes_of(home, manifest)
    return {
        "版本": manifest.version,
        "数据截至": str(manifest.business_date_through),
        "期数": len(manifest.issues),
        "表": {name: table.rows for name, table in manifest.tables.items()},
        "与上一版相比": described(changes) if changes else "没有记录",
    }
