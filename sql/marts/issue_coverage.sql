/*
description: 各期的数据齐全程度：应有与已有数据的天数
grain: [issue_key]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: "期号，如 2023-34"}
  week_days: {type: BIGINT, description: "统计周的日历天数", nullable: false}
  week_days_delivered: {type: BIGINT, description: "其中有数据入库的天数", nullable: false}
  year_days: {type: BIGINT, description: "年累计区间的日历天数（1 月 1 日或期初数次日起）", nullable: false}
  year_days_delivered: {type: BIGINT, description: "其中有数据入库的天数", nullable: false}
  is_complete: {type: BOOLEAN, description: "是否齐全", nullable: false}
nuance: 平台每天（含节假日）都送一批，无办件也送表头；缺天即缺数。
checks: [grain_is_unique]
*/

with issue_windows as (
    select * from core.issue_windows
)

select
    -- keys
    issue_key,
    -- days of the accounting week
    cast(cutoff_date - window_start + 1 as bigint) as week_days,
    week_days_delivered,
    -- days that the year to date counts events of
    cast(greatest(cutoff_date - events_from + 1, 0) as bigint) as year_days,
    year_days_delivered,
    week_days_delivered = cutoff_date - window_start + 1
        and year_days_delivered >= greatest(cutoff_date - events_from + 1, 0) as is_complete
from issue_windows
