/*
description: 每期年累计各部门、各事项类型的办件量（含期初数），供直接查阅
grain: [期号, 部门编码, 行使层级, 事项类型编码, 是否综窗]
owner: data_team
kind: view
columns:
  期号: {type: VARCHAR, description: 期号，如 2023-34}
  部门编码: {type: VARCHAR, description: 部门编码（统一社会信用代码），期初数未分部门者为空串}
  行使层级: {type: VARCHAR, description: 行使层级代码：1 国家，2 省，3 市，4 县，5 镇，6 村}
  事项类型编码: {type: VARCHAR, description: 事项类型代码，咨询未注明者为空串}
  是否综窗: {type: BOOLEAN, description: 是否综窗}
  部门: {type: VARCHAR, description: 截止日所用的部门名称，没有名称时为编码，没有编码时为“未分部门”}
  事项类型: {type: VARCHAR, description: 事项类型名称，没有代码时为“未注明”}
  层级: {type: VARCHAR, description: 行使层级名称}
  截止日期: {type: DATE, description: 累计截至的日期}
  咨询: {type: BIGINT, description: 年累计咨询人次}
  受理: {type: BIGINT, description: 年累计受理件数}
  办结: {type: BIGINT, description: 年累计办结件数}
  颁发: {type: BIGINT, description: 年累计颁发件数}
  流转: {type: BIGINT, description: 年累计流转件数}
nuance: 累计自所属年 1 月 1 日至截止日；受理、办结、颁发、流转、咨询各按自己的时间计数，不是漏斗；各项均为 0 的组合可能没有行。
checks: []
*/

with cumulative_counts as (
    select * from marts.cumulative_counts
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
    cumulative_counts.issue_key as "期号",
    -- dimensions
    cumulative_counts.org_code as "部门编码",
    cumulative_counts.org_level as "行使层级",
    cumulative_counts.task_type as "事项类型编码",
    cumulative_counts.is_composite as "是否综窗",
    coalesce(names.org_name, nullif(organizations.org_name, ''), nullif(cumulative_counts.org_code, ''), '未分部门') as "部门",
    coalesce(task_types.task_type_name, nullif(cumulative_counts.task_type, ''), '未注明') as "事项类型",
    coalesce(levels.code_name, cumulative_counts.org_level) as "层级",
    issue_calendar.cutoff_date as "截止日期",
    -- measures
    cumulative_counts.consulted as "咨询",
    cumulative_counts.accepted as "受理",
    cumulative_counts.completed as "办结",
    cumulative_counts.issued as "颁发",
    cumulative_counts.transferred as "流转"
from cumulative_counts
left join organizations
    on cumulative_counts.org_code = organizations.org_code
left join task_types
    on cumulative_counts.task_type = task_types.task_type
left join issue_calendar
    on cumulative_counts.issue_key = issue_calendar.issue_key
left join organization_names as names
    on cumulative_counts.org_code = names.org_code
    and issue_calendar.cutoff_date >= names.first_date
    and (names.last_date is null or issue_calendar.cutoff_date < names.last_date + 1)
left join codes as levels
    on levels.code_list = 'org_level'
    and cumulative_counts.org_level = levels.code
