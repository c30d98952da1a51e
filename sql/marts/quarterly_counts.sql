/*
description: 自然季办件量，按部门、层级、事项类型、是否综窗
grain: [quarter, org_code, org_level, task_type, is_composite]
owner: data_team
kind: table
columns:
  quarter: {type: VARCHAR, description: "季度，如 2023-Q3"}
  org_code: {type: VARCHAR, description: "部门编码"}
  org_level: {type: VARCHAR, description: "行使层级：1 国家 2 省 3 市 4 县 5 镇 6 村", codes: org_level}
  task_type: {type: VARCHAR, description: "事项类型：01 行政许可…20 公共服务，99 未知；咨询未注明的为空串", codes: task_type, values: {"": 未注明事项类型}}
  is_composite: {type: BOOLEAN, description: "是否综窗（综合窗口）"}
  quarter_start: {type: DATE, description: "首日", nullable: false}
  consulted: {type: BIGINT, description: "咨询（人次）", nullable: false}
  accepted: {type: BIGINT, description: "受理（件）", nullable: false}
  completed: {type: BIGINT, description: "办结（件），不计哪些办结结果见 meta.rules", nullable: false}
  issued: {type: BIGINT, description: "颁发（件）", nullable: false}
  transferred: {type: BIGINT, description: "流转（件）", nullable: false}
  days: {type: BIGINT, description: "该季的日历天数", nullable: false}
  days_delivered: {type: BIGINT, description: "其中数据齐全的天数", nullable: false}
  is_complete: {type: BOOLEAN, description: "是否齐全：每天的数据都齐全；进行中或缺天的季为否", nullable: false}
nuance: 即其各月之和，没有数据的月不在内；is_complete 为否的季数字不全，不可与整季相比。期初数不在各季之内，各季之和不等于年累计。
checks: [grain_is_unique]
*/

with monthly_counts as (
    select * from marts.monthly_counts
),

periods as (
    select * from core.periods
)

select
    -- keys and dimensions
    periods.period as quarter,
    monthly_counts.org_code,
    monthly_counts.org_level,
    monthly_counts.task_type,
    monthly_counts.is_composite,
    periods.period_start as quarter_start,
    -- measures
    cast(sum(monthly_counts.consulted) as bigint) as consulted,
    cast(sum(monthly_counts.accepted) as bigint) as accepted,
    cast(sum(monthly_counts.completed) as bigint) as completed,
    cast(sum(monthly_counts.issued) as bigint) as issued,
    cast(sum(monthly_counts.transferred) as bigint) as transferred,
    -- how much of it is there
    periods.days,
    periods.days_delivered,
    periods.is_complete
from periods
inner join monthly_counts
    on monthly_counts.month_start >= periods.period_start
    and monthly_counts.month_start < periods.period_end + 1
where periods.period_kind = 'quarter'
group by
    periods.period,
    monthly_counts.org_code,
    monthly_counts.org_level,
    monthly_counts.task_type,
    monthly_counts.is_composite,
    periods.period_start,
    periods.days,
    periods.days_delivered,
    periods.is_complete
