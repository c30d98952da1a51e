"""The lake's assets: six feeds by business day, the receipts of deliveries, and what a site brings itself."""

from collections.abc import Iterator

import dagster as dg

from assets.exports.delivery import Intake, take_in
from assets.exports.receipt import Receipt
from assets.guard import gated
from assets.platform.contract import ORIGIN_COLUMNS, Feed, load_contract

GROUP = "exports"
OWNERS = ["team:data_team"]
FIRST_DAY = "2023-01-01"
RECEIPTS = dg.AssetKey(["lake", "receipts"])
OPENING = dg.AssetKey(["lake", "opening"])

business_days = dg.DailyPartitionsDefinition(start_date=FIRST_DAY, timezone="Asia/Shanghai", end_offset=1)

landing = dg.AssetSpec(
    ["platform", "landing"],
    group_name=GROUP,
    description="省一体化政务服务平台每日送来的文件：数据文件和最后到的清单",
    kinds={"file"},
    owners=OWNERS,
)
opening = dg.AssetSpec(
    OPENING,
    group_name=GROUP,
    description="年中启用时的期初数：某日为止的年累计，由 zhoubao opening 装入",
    kinds={"parquet"},
    owners=OWNERS,
)


def feed_key(feed: str) -> dg.AssetKey:
    """The asset of a feed's files in the lake."""
    return dg.AssetKey(["lake", feed])


def _feed_spec(feed: Feed) -> dg.AssetSpec:
    return dg.AssetSpec(
        feed_key(feed.name),
        deps=[landing],
        group_name=GROUP,
        description=f"{feed.title}：逐批定型、去标识后的 Parquet 文件",
        kinds={"parquet", "polars"},
        owners=OWNERS,
        partitions_def=business_days,
        metadata={"dagster/column_schema": _schema(feed)},
    )


def _schema(feed: Feed) -> dg.TableSchema:
    words = {column.inside: column.header for column in feed.columns if column.inside}
    words |= {name: text for name, (_, text) in ORIGIN_COLUMNS.items()}
    return dg.TableSchema([dg.TableColumn(name, kind, description=words.get(name)) for name, kind in feed.lake_columns.items()])


@dg.multi_asset(
    name="take_in_deliveries",
    specs=[
        *(_feed_spec(feed) for feed in load_contract().feeds.values()),
        dg.AssetSpec(
            RECEIPTS,
            deps=[landing],
            group_name=GROUP,
            description="交付回执：每批每个文件入库、取代、隔离各多少",
            kinds={"json"},
            owners=OWNERS,
        ),
    ],
    can_subset=False,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="warehouse",
)
@gated
def take_in_deliveries(
    context: dg.AssetExecutionContext, intake: dg.ResourceParam[Intake]
) -> Iterator[dg.MaterializeResult[None]]:
    """读取落地目录中全部待入库的批次。"""
    receipts = []
    for receipt in (*intake.retried, *take_in(intake.survey().arrivals, intake)):
        receipts.append(receipt)
        for event in _events(receipt):
            context.log_event(event)
    for feed in load_contract().feeds:
        yield dg.MaterializeResult(asset_key=feed_key(feed), metadata=_account(receipts, feed))
    yield dg.MaterializeResult(asset_key=RECEIPTS, metadata={"批次": len(receipts)})


def _events(receipt: Receipt) -> Iterator[dg.AssetMaterialization]:
    """One event per feed for the delivery's business day, so that a day without a delivery shows as missing."""
    for feed in {file.feed for file in receipt.files}:
        yield dg.AssetMaterialization(
            feed_key(feed),
            partition=str(receipt.business_date),
            metadata=_account([receipt], feed) | {"批次": receipt.delivery},
        )


def _account(receipts: list[Receipt], feed: str) -> dict[str, int]:
    files = [file for receipt in receipts for file in receipt.files if file.feed == feed]
    return {
        "dagster/row_count": sum(file.loaded for file in files),
        "记录": sum(file.records for file in files),
        "取代": sum(file.superseded for file in files),
        "隔离": sum(file.quarantined for file in files),
        "文件": len(files),
    }
