/*
description: 有数据入库的业务日期，以及当日各种类是否齐全
grain: [business_date]
owner: data_team
kind: table
columns:
  business_date: {type: DATE, description: 业务日期}
  is_whole: {type: BOOLEAN, description: 此前送过的各种类当日是否都齐全；受理工作手册只在有变动时送，不在此列}
nuance: 某一种类自首次送到之日起每天都应有；只送来一部分种类、或有文件整件隔离的日子，有数据而不齐全。
checks: [grain_is_unique]
*/

with file_states as (
    select * from core.file_states
),

delivered_feeds as (
    select * from core.delivered_feeds
),

days as (
    select distinct business_date
    from file_states
    where state = 'loaded'
),

-- a feed is expected from the first day that had it
expected_feeds as (
    select
        feed,
        min(business_date) as first_date
    from delivered_feeds
    where feed <> 'handbook'
    group by feed
)

select
    -- keys
    days.business_date,
    -- what came
    coalesce(bool_and(coalesce(delivered_feeds.is_whole, false)) filter (where expected_feeds.feed is not null), true) as is_whole
from days
left join expected_feeds
    on expected_feeds.first_date <= days.business_date
left join delivered_feeds
    on days.business_date = delivered_feeds.business_date
    and expected_feeds.feed = delivered_feeds.feed
group by days.business_date
