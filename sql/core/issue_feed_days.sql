/*
description: 各期统计区间内，每一种类数据齐全的天数
grain: [issue_key, feed]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: 期号}
  feed: {type: VARCHAR, description: 数据种类，受理工作手册除外}
  week_days: {type: BIGINT, description: 统计周的天数}
  week_days_delivered: {type: BIGINT, description: 其中该种类齐全的天数}
  year_days: {type: BIGINT, description: 年累计区间的天数（1 月 1 日或期初数次日起）}
  year_days_delivered: {type: BIGINT, description: 其中该种类齐全的天数}
nuance: 从未送来的种类，齐全的天数为 0：没有数据不等于没有办件。
checks: [grain_is_unique]
*/

with issue_windows as (
    select * from core.issue_windows
),

delivered_feeds as (
    select * from core.delivered_feeds
),

codes as (
    select * from ref.codes
),

feeds as (
    select code as feed
    from codes
    where code_list = 'feed' and code <> 'handbook'
),

whole_days as (
    select
        issue_windows.issue_key,
        delivered_feeds.feed,
        count(*) filter (where delivered_feeds.business_date >= issue_windows.window_start) as week_days_delivered,
        count(*) filter (where delivered_feeds.business_date >= issue_windows.events_from) as year_days_delivered
    from issue_windows
    inner join delivered_feeds
        on delivered_feeds.business_date <= issue_windows.cutoff_date
        and delivered_feeds.business_date >= least(issue_windows.window_start, issue_windows.events_from)
    where delivered_feeds.is_whole
    group by issue_windows.issue_key, delivered_feeds.feed
)

select
    -- keys
    issue_windows.issue_key,
    feeds.feed,
    -- days of the accounting week
    cast(issue_windows.cutoff_date - issue_windows.window_start + 1 as bigint) as week_days,
    coalesce(whole_days.week_days_delivered, 0) as week_days_delivered,
    -- days that the year to date counts events of
    cast(greatest(issue_windows.cutoff_date - issue_windows.events_from + 1, 0) as bigint) as year_days,
    coalesce(whole_days.year_days_delivered, 0) as year_days_delivered
from issue_windows
cross join feeds
left join whole_days
    on issue_windows.issue_key = whole_days.issue_key
    and feeds.feed = whole_days.feed
