/*
description: 各期统计周办件量，按部门、层级、事项类型、是否综窗
grain: [issue_key, org_code, org_level, task_type, is_composite]
owner: data_team
kind: sum
columns:
  issue_key: {type: VARCHAR, description: "期号，如 2023-34"}
  org_code: {type: VARCHAR, description: "部门编码；期初数未分部门的为空串"}
  org_level: {type: VARCHAR, description: "行使层级：1 国家 2 省 3 市 4 县 5 镇 6 村", codes: org_level}
  task_type: {type: VARCHAR, description: "事项类型：01 行政许可…20 公共服务，99 未知；咨询未注明的为空串", codes: task_type, values: {"": 未注明事项类型}}
  is_composite: {type: BOOLEAN, description: "是否综窗（综合窗口）"}
  consulted: {type: BIGINT, description: "咨询（人次）", nullable: false}
  accepted: {type: BIGINT, description: "受理（件）", nullable: false}
  completed: {type: BIGINT, description: "办结（件），不计哪些办结结果见 meta.rules", nullable: false}
  issued: {type: BIGINT, description: "颁发（件）", nullable: false}
  transferred: {type: BIGINT, description: "流转（件）", nullable: false}
nuance: 统计周是 issue_calendar 的 window_start 至 cutoff_date，首尾都含；如何定，见 meta.rules 的 calendar.accounting_week。公报标题只写工作日。
checks: [grain_is_unique]
*/

with daily_counts as (
    select * from marts.daily_counts
),

issue_windows as (
    select * from core.issue_windows
)

select
    -- keys and dimensions
    issue_windows.issue_key,
    daily_counts.org_code,
    daily_counts.org_level,
    daily_counts.task_type,
    daily_counts.is_composite,
    -- measures over the accounting week
    cast(sum(daily_counts.consulted) as bigint) as consulted,
    cast(sum(daily_counts.accepted) as bigint) as accepted,
    cast(sum(daily_counts.completed) as bigint) as completed,
    cast(sum(daily_counts.issued) as bigint) as issued,
    cast(sum(daily_counts.transferred) as bigint) as transferred
from issue_windows
inner join daily_counts
    on daily_counts.event_date >= issue_windows.window_start
    and daily_counts.event_date < issue_windows.cutoff_date + 1
where issue_windows.has_figures
group by
    issue_windows.issue_key,
    daily_counts.org_code,
    daily_counts.org_level,
    daily_counts.task_type,
    daily_counts.is_composite
