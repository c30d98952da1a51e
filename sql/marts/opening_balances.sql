/*
description: 现行期初数：截至某日的年累计，按部门、层级、事项类型、是否综窗
grain: [as_of, org_code, org_level, task_type, is_composite]
owner: data_team
kind: table
columns:
  as_of: {type: DATE, description: "期初数截至的日期，含当日"}
  org_code: {type: VARCHAR, description: "部门编码；未分部门的为空串"}
  org_level: {type: VARCHAR, description: "行使层级：1 国家 2 省 3 市 4 县 5 镇 6 村", codes: org_level}
  task_type: {type: VARCHAR, description: "事项类型：01 行政许可…20 公共服务，99 未知；咨询未注明的为空串", codes: task_type, values: {"": 未注明事项类型}}
  is_composite: {type: BOOLEAN, description: "是否综窗（综合窗口）"}
  consulted: {type: BIGINT, description: "咨询（人次）", nullable: false}
  accepted: {type: BIGINT, description: "受理（件）", nullable: false}
  completed: {type: BIGINT, description: "办结（件），不计哪些办结结果见 meta.rules", nullable: false}
  issued: {type: BIGINT, description: "颁发（件）", nullable: false}
  transferred: {type: BIGINT, description: "流转（件）", nullable: false}
nuance: 年累计 = 期初数 + 期初数日期之后的事件；每年一份，重装者以新者为准。没有期初数的年份没有行。
checks: [grain_is_unique]
*/

with openings as (
    select * from lake.opening
)

select
    -- keys and dimensions
    as_of,
    org_code,
    org_level,
    task_type,
    is_composite,
    -- measures since 1 January
    cast(coalesce(sum(value) filter (where measure = 'consulted'), 0) as bigint) as consulted,
    cast(coalesce(sum(value) filter (where measure = 'accepted'), 0) as bigint) as accepted,
    cast(coalesce(sum(value) filter (where measure = 'completed'), 0) as bigint) as completed,
    cast(coalesce(sum(value) filter (where measure = 'issued'), 0) as bigint) as issued,
    cast(coalesce(sum(value) filter (where measure = 'transferred'), 0) as bigint) as transferred
from openings
group by as_of, org_code, org_level, task_type, is_composite
