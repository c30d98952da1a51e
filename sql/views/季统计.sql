/*
description: 每季各部门、各事项类型的办件量，供直接查阅
grain: [季度, 部门编码, 行使层级, 事项类型编码, 是否综窗]
owner: data_team
kind: view
columns:
  季度: {type: VARCHAR, description: 季度，如 2023-Q3}
  部门编码: {type: VARCHAR, description: 部门编码（统一社会信用代码）}
  行使层级: {type: VARCHAR, description: 行使层级代码：1 国家，2 省，3 市，4 县，5 镇，6 村}
  事项类型编码: {type: VARCHAR, description: 事项类型代码，咨询未注明者为空串}
  是否综窗: {type: BOOLEAN, description: 是否综窗}
  部门: {type: VARCHAR, description: 该季末日所用的部门名称，没有名称时为编码}
  事项类型: {type: VARCHAR, description: 事项类型名称，没有代码时为“未注明”}
  层级: {type: VARCHAR, description: 行使层级名称}
  起始日期: {type: DATE, description: 该季首日}
  咨询: {type: BIGINT, description: 该季咨询人次}
  受理: {type: BIGINT, description: 该季受理件数}
  办结: {type: BIGINT, description: 该季办结件数}
  颁发: {type: BIGINT, description: 该季颁发件数}
  流转: {type: BIGINT, description: 该季流转件数}
  应有天数: {type: BIGINT, description: 该季的日历天数}
  已有天数: {type: BIGINT, description: 其中数据齐全的天数}
  是否齐全: {type: BOOLEAN, description: 每天的数据都齐全为是；进行中或缺天的季为否，不可与整季相比}
nuance: 是否齐全为否的季数字不全；期初数不在各季之内。受理、办结、颁发、流转、咨询各按自己的时间计数，不是漏斗；各项均为 0 的组合可能没有行。
checks: []
*/

with quarterly_counts as (
    select * from marts.quarterly_counts
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
    quarterly_counts.quarter as "季度",
    -- dimensions
    quarterly_counts.org_code as "部门编码",
    quarterly_counts.org_level as "行使层级",
    quarterly_counts.task_type as "事项类型编码",
    quarterly_counts.is_composite as "是否综窗",
    coalesce(names.org_name, nullif(organizations.org_name, ''), nullif(quarterly_counts.org_code, ''), '未分部门') as "部门",
    coalesce(task_types.task_type_name, nullif(quarterly_counts.task_type, ''), '未注明') as "事项类型",
    coalesce(levels.code_name, quarterly_counts.org_level) as "层级",
    quarterly_counts.quarter_start as "起始日期",
    -- measures
    quarterly_counts.consulted as "咨询",
    quarterly_counts.accepted as "受理",
    quarterly_counts.completed as "办结",
    quarterly_counts.issued as "颁发",
    quarterly_counts.transferred as "流转",
    -- how much of it is there
    quarterly_counts.days as "应有天数",
    quarterly_counts.days_delivered as "已有天数",
    quarterly_counts.is_complete as "是否齐全"
from quarterly_counts
left join organizations
    on quarterly_counts.org_code = organizations.org_code
left join organization_names as names
    on quarterly_counts.org_code = names.org_code
    and names.first_date < quarterly_counts.quarter_start + interval 3 month
    and (names.last_date is null or names.last_date + 1 >= quarterly_counts.quarter_start + interval 3 month)
left join task_types
    on quarterly_counts.task_type = task_types.task_type
left join codes as levels
    on levels.code_list = 'org_level'
    and quarterly_counts.org_level = levels.code
