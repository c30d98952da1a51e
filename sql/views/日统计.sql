/*
description: 每日各部门、各事项类型的办件量，供直接查阅
grain: [日期, 部门编码, 行使层级, 事项类型编码, 是否综窗]
owner: data_team
kind: view
columns:
  日期: {type: DATE, description: 事件日期（北京时间）}
  部门编码: {type: VARCHAR, description: 部门编码（统一社会信用代码），期初数未分部门者为空串}
  行使层级: {type: VARCHAR, description: 行使层级代码：1 国家，2 省，3 市，4 县，5 镇，6 村}
  事项类型编码: {type: VARCHAR, description: 事项类型代码，咨询未注明者为空串}
  是否综窗: {type: BOOLEAN, description: 是否综窗}
  部门: {type: VARCHAR, description: 当日所用的部门名称，没有名称时为编码，没有编码时为“未分部门”}
  事项类型: {type: VARCHAR, description: 事项类型名称，没有代码时为“未注明”}
  层级: {type: VARCHAR, description: 行使层级名称}
  咨询: {type: BIGINT, description: 当日咨询人次}
  受理: {type: BIGINT, description: 当日受理件数}
  办结: {type: BIGINT, description: 当日办结件数}
  颁发: {type: BIGINT, description: 当日颁发件数}
  流转: {type: BIGINT, description: 当日流转件数}
nuance: 受理、办结、颁发、流转、咨询各按自己的时间计数，不是漏斗；各项均为 0 的组合可能没有行。
checks: []
*/

with daily_counts as (
    select * from marts.daily_counts
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
    daily_counts.event_date as "日期",
    -- dimensions
    daily_counts.org_code as "部门编码",
    daily_counts.org_level as "行使层级",
    daily_counts.task_type as "事项类型编码",
    daily_counts.is_composite as "是否综窗",
    coalesce(names.org_name, nullif(organizations.org_name, ''), nullif(daily_counts.org_code, ''), '未分部门') as "部门",
    coalesce(task_types.task_type_name, nullif(daily_counts.task_type, ''), '未注明') as "事项类型",
    coalesce(levels.code_name, daily_counts.org_level) as "层级",
    -- measures
    daily_counts.consulted as "咨询",
    daily_counts.accepted as "受理",
    daily_counts.completed as "办结",
    daily_counts.issued as "颁发",
    daily_counts.transferred as "流转"
from daily_counts
left join organizations
    on daily_counts.org_code = organizations.org_code
left join organization_names as names
    on daily_counts.org_code = names.org_code
    and daily_counts.event_date >= names.first_date
    and (names.last_date is null or daily_counts.event_date < names.last_date + 1)
left join task_types
    on daily_counts.task_type = task_types.task_type
left join codes as levels
    on levels.code_list = 'org_level'
    and daily_counts.org_level = levels.code
