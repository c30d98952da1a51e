"""The lake's assets: what the platform sent by business day, six feeds, the receipts of deliveries, and what a site brings itself."""

from collections.abc import Iterator, Sequence
from datetime import date

import dagster as dg

from assets.exports.lake.receipt import Receipt
from assets.platform.contract import ORIGIN_COLUMNS, Feed, load_contract

GROUP = "exports"
OWNERS = ["team:data_team"]
RECEIPTS = dg.AssetKey(["lake", "receipts"])
OPENING = dg.AssetKey(["lake", "opening"])

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


def arrival_key(feed: str) -> dg.AssetKey:
    """What the platform sent of a feed, by business day."""
    return dg.AssetKey(["platform", feed])


def feed_key(feed: str) -> dg.AssetKey:
    """The asset of a feed's files in the lake."""
    return dg.AssetKey(["lake", feed])


def arrival_specs(first_day: date) -> Iterator[dg.AssetSpec]:
    """What the platform sends, by business day from the first that came. It cannot be materialized: nobody here makes it."""
    days = dg.DailyPartitionsDefinition(start_date=str(first_day), timezone="Asia/Shanghai")
    for feed in load_contract().feeds.values():
        yield dg.AssetSpec(
            arrival_key(feed.name),
            deps=[landing],
            group_name=GROUP,
            description=f"平台按业务日期送来的{feed.title}，同日各批次合计。有记录的是到了的日子，空的是没有到的："
            "由平台补送，在这里不能补做；已隔离而尚未更正的，zhoubao retry 从归档重读",
            kinds={"file"},
            owners=OWNERS,
            partitions_def=days,
        )


def lake_specs() -> Iterator[dg.AssetSpec]:
    """The feeds in the lake, and the receipts."""
    for feed in load_contract().feeds.values():
        yield dg.AssetSpec(
            feed_key(feed.name),
            deps=[arrival_key(feed.name)],
            group_name=GROUP,
            description=f"{feed.title}：逐批定型、去标识后的 Parquet 文件",
            kinds={"parquet", "polars"},
            owners=OWNERS,
            metadata={"dagster/column_schema": _schema(feed)},
        )
    yield dg.AssetSpec(
        RECEIPTS,
        deps=[arrival_key(feed) for feed in load_contract().feeds],
        group_name=GROUP,
        description="交付回执：每批每个文件入库、取代、隔离各多少",
        kinds={"json"},
        owners=OWNERS,
    )


def _schema(feed: Feed) -> dg.TableSchema:
    words = {column.inside: column.header for column in feed.columns if column.inside}
    words |= {name: text for name, (_, text) in ORIGIN_COLUMNS.items()}
    return dg.TableSchema([dg.TableColumn(name, kind, description=words.get(name)) for name, kind in feed.lake_columns.items()])


def delivery_event(receipt: Receipt) -> dg.AssetMaterialization:
    """A delivery is in the lake: its receipt says what became of each file."""
    return dg.AssetMaterialization(RECEIPTS, metadata=_account([receipt], None) | {"批次": receipt.delivery})


def lake_events(receipts: Sequence[Receipt]) -> Iterator[dg.AssetMaterialization]:
    """What a run added to each feed that it added to."""
    for feed in {file.feed for receipt in receipts for file in receipt.files}:
        yield dg.AssetMaterialization(feed_key(feed), metadata=_account(receipts, feed))


def _account(receipts: Sequence[Receipt], feed: str | None) -> dict[str, int | str]:
    files = [file for receipt in receipts for file in receipt.files if feed in (None, file.feed)]
    return {
        "dagster/row_count": sum(file.loaded for file in files),
        "记录": sum(file.records for file in files),
        "取代": sum(file.superseded for file in files),
        "隔离": sum(file.quarantined for file in files),
        "文件": len(files),
    }
