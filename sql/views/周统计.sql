/*
description: 每期统计周内各部门、各事项类型的办件量，供直接查阅
grain: [期号, 部门编码, 行使层级, 事项类型编码, 是否综窗]
owner: data_team
kind: view
columns:
  期号: {type: VARCHAR, description: 期号，如 2023-34}
  部门编码: {type: VARCHAR, description: 部门编码（统一社会信用代码），期初数未分部门者为空串}
  行使层级: {type: VARCHAR, description: 行使层级代码：1 国家，2 省，3 市，4 县，5 镇，6 村}
  事项类型编码: {type: VARCHAR, description: 事项类型代码，咨询未注明者为空串}
  是否综窗: {type: BOOLEAN, description: 是否综窗}
  部门: {type: VARCHAR, description: 统计周末日所用的部门名称，没有名称时为编码，没有编码时为“未分部门”}
  事项类型: {type: VARCHAR, description: 事项类型名称，没有代码时为“未注明”}
  层级: {type: VARCHAR, description: 行使层级名称}
  起始日期: {type: DATE, description: 统计周首日}
  截止日期: {type: DATE, description: 统计周末日}
  咨询: {type: BIGINT, description: 统计周内咨询人次}
  受理: {type: BIGINT, description: 统计周内受理件数}
  办结: {type: BIGINT, description: 统计周内办结件数}
  颁发: {type: BIGINT, description: 统计周内颁发件数}
  流转: {type: BIGINT, description: 统计周内流转件数}
nuance: 受理、办结、颁发、流转、咨询各按自己的时间计数，不是漏斗；各项均为 0 的组合可能没有行。
checks: []
*/

with weekly_counts as (
    select * from marts.weekly_counts
),

issue_calendar as (
    select * from marts.issue_calendar
),

codes as (
    select * from marts.codes
),

organizations as (
    select * from marts.organizations
),

organization_names as (
    select * from marts.organization_names
),

task_types as (
    select * from marts.task_types
)

select
    -- keys
    weekly_counts.issue_key as "期号",
    -- dimensions
    weekly_counts.org_code as "部门编码",
    weekly_counts.org_level as "行使层级",
    weekly_counts.task_type as "事项类型编码",
    weekly_counts.is_composite as "是否综窗",
    coalesce(names.org_name, nullif(organizations.org_name, ''), nullif(weekly_counts.org_code, ''), '未分部门') as "部门",
    coalesce(task_types.task_type_name, nullif(weekly_counts.task_type, ''), '未注明') as "事项类型",
    coalesce(levels.code_name, weekly_counts.org_level) as "层级",
    issue_calendar.window_start as "起始日期",
    issue_calendar.cutoff_date as "截止日期",
    -- measures
    weekly_counts.consulted as "咨询",
    weekly_counts.accepted as "受理",
    weekly_counts.completed as "办结",
    weekly_counts.issued as "颁发",
    weekly_counts.transferred as "流转"
from weekly_counts
left join organizations
    on weekly_counts.org_code = organizations.org_code
left join task_types
    on weekly_counts.task_type = task_types.task_type
left join issue_calendar
    on weekly_counts.issue_key = issue_calendar.issue_key
left join organization_names as names
    on weekly_counts.org_code = names.org_code
    and issue_calendar.cutoff_date >= names.first_date
    and (names.last_date is null or issue_calendar.cutoff_date < names.last_date + 1)
left join codes as levels
    on levels.code_list = 'org_level'
    and weekly_counts.org_level = levels.code
