/*
description: 自然月办件量，按部门、层级、事项类型、是否综窗
grain: [month, org_code, org_level, task_type, is_composite]
owner: data_team
kind: table
columns:
  month: {type: VARCHAR, description: "月份，如 2023-08"}
  org_code: {type: VARCHAR, description: "部门编码"}
  org_level: {type: VARCHAR, description: "行使层级：1 国家 2 省 3 市 4 县 5 镇 6 村", codes: org_level}
  task_type: {type: VARCHAR, description: "事项类型：01 行政许可…20 公共服务，99 未知；咨询未注明的为空串", codes: task_type, values: {"": 未注明事项类型}}
  is_composite: {type: BOOLEAN, description: "是否综窗（综合窗口）"}
  month_start: {type: DATE, description: "首日", nullable: false}
  consulted: {type: BIGINT, description: "咨询（人次）", nullable: false}
  accepted: {type: BIGINT, description: "受理（件）", nullable: false}
  completed: {type: BIGINT, description: "办结（件），不计哪些办结结果见 meta.rules", nullable: false}
  issued: {type: BIGINT, description: "颁发（件）", nullable: false}
  transferred: {type: BIGINT, description: "流转（件）", nullable: false}
  days: {type: BIGINT, description: "该月的日历天数", nullable: false}
  days_delivered: {type: BIGINT, description: "其中数据齐全的天数", nullable: false}
  is_complete: {type: BOOLEAN, description: "是否齐全：每天的数据都齐全；进行中或缺天的月为否", nullable: false}
nuance: is_complete 为否的月数字不全，不可与整月相比。期初数没有逐日数字：一天数据也没有的月不列，不是 0；期初数不在各月之内，各月之和不等于年累计。
checks: [grain_is_unique]
*/

with daily_counts as (
    select * from marts.daily_counts
),

periods as (
    select * from core.periods
),

-- summed before the join with the months: a join of every row with its month would read the whole history pair by pair
months as (
    select
        date_trunc('month', event_date) as month_start,
        org_code,
        org_level,
        task_type,
        is_composite,
        sum(consulted) as consulted,
        sum(accepted) as accepted,
        sum(completed) as completed,
        sum(issued) as issued,
        sum(transferred) as transferred
    from daily_counts
    group by
        date_trunc('month', event_date),
        org_code,
        org_level,
        task_type,
        is_composite
)

select
    -- keys and dimensions
    periods.period as month,
    months.org_code,
    months.org_level,
    months.task_type,
    months.is_composite,
    periods.period_start as month_start,
    -- measures
    cast(months.consulted as bigint) as consulted,
    cast(months.accepted as bigint) as accepted,
    cast(months.completed as bigint) as completed,
    cast(months.issued as bigint) as issued,
    cast(months.transferred as bigint) as transferred,
    -- how much of it is there
    periods.days,
    periods.days_delivered,
    periods.is_complete
from months
inner join periods
    on months.month_start = periods.period_start
    and periods.period_kind = 'month'
