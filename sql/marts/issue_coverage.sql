/*
description: 各期的数据齐全程度：应有与齐全的天数
grain: [issue_key]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: "期号，如 2023-34"}
  week_days: {type: BIGINT, description: "统计周的日历天数", nullable: false}
  week_days_delivered: {type: BIGINT, description: "其中各种类数据都齐全的天数", nullable: false}
  year_days: {type: BIGINT, description: "年累计区间的日历天数（1 月 1 日或期初数次日起）", nullable: false}
  year_days_delivered: {type: BIGINT, description: "其中各种类数据都齐全的天数", nullable: false}
  is_complete: {type: BOOLEAN, description: "统计周和年累计区间是否都齐全", nullable: false}
  week_is_complete: {type: BOOLEAN, description: "统计周是否齐全", nullable: false}
  year_is_complete: {type: BOOLEAN, description: "年累计区间是否齐全", nullable: false}
nuance: 平台每天（含节假日）都送一批，无办件也送表头；缺天、缺种类、整件隔离而未更正，都是不齐全，见 coverage_gaps。
checks: [grain_is_unique]
*/

with issue_windows as (
    select * from core.issue_windows
),

days as (
    select
        issue_key,
        cast(cutoff_date - window_start + 1 as bigint) as week_days,
        week_days_delivered,
        cast(greatest(cutoff_date - events_from + 1, 0) as bigint) as year_days,
        year_days_delivered
    from issue_windows
)

select
    -- keys
    issue_key,
    -- days of the accounting week
    week_days,
    week_days_delivered,
    -- days that the year to date counts events of
    year_days,
    year_days_delivered,
    -- both, and each
    week_days_delivered = week_days and year_days_delivered >= year_days as is_complete,
    week_days_delivered = week_days as week_is_complete,
    year_days_delivered >= year_days as year_is_complete
from days
