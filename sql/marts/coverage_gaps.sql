/*
description: 应有而没有齐全的数据：哪一天、哪一种类、为什么
grain: [business_date, feed]
owner: data_team
kind: table
columns:
  business_date: {type: DATE, description: "业务日期"}
  feed: {type: VARCHAR, description: "数据种类"}
  reason: {type: VARCHAR, description: "缺的原因", nullable: false, values: {no_delivery: 当日没有批次入库, no_file: 当日的批次里没有这一种类, quarantined: 文件整件隔离，尚未替换}}
nuance: 首日之前不在此列；某一种类自首次送到之日起每天都应有，受理工作手册只在有变动时送，不在此列。
checks: [grain_is_unique]
*/

with days as (
    select * from ref.days
),

delivered_days as (
    select * from core.delivered_days
),

delivered_feeds as (
    select * from core.delivered_feeds
),

expected_feeds as (
    select
        feed,
        min(business_date) as first_date
    from delivered_feeds
    where feed <> 'handbook'
    group by feed
),

reach as (
    select max(business_date) as last_date
    from delivered_days
),

expected as (
    select
        expected_feeds.feed,
        days.day as business_date
    from expected_feeds
    cross join reach
    inner join days
        on days.day >= expected_feeds.first_date
        and days.day <= reach.last_date
)

select
    -- keys
    expected.business_date,
    expected.feed,
    -- why
    case
        when delivered_feeds.feed is not null then 'quarantined'
        when delivered_days.business_date is not null then 'no_file'
        else 'no_delivery'
    end as reason
from expected
left join delivered_feeds
    on expected.business_date = delivered_feeds.business_date
    and expected.feed = delivered_feeds.feed
left join delivered_days
    on expected.business_date = delivered_days.business_date
where not coalesce(delivered_feeds.is_whole, false)
