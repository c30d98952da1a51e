/*
description: 每日办件量，按部门、层级、事项类型、是否综窗
grain: [event_date, org_code, org_level, task_type, is_composite]
owner: data_team
kind: sum
columns:
  event_date: {type: DATE, description: "事件日期（北京时间），各量按各自的时间"}
  org_code: {type: VARCHAR, description: "部门编码；期初数未分部门的为空串"}
  org_level: {type: VARCHAR, description: "行使层级：1 国家 2 省 3 市 4 县 5 镇 6 村", codes: org_level}
  task_type: {type: VARCHAR, description: "事项类型：01 行政许可…20 公共服务，99 未知；咨询未注明的为空串", codes: task_type, values: {"": 未注明事项类型}}
  is_composite: {type: BOOLEAN, description: "是否综窗（综合窗口）"}
  consulted: {type: BIGINT, description: "咨询（人次）", nullable: false}
  accepted: {type: BIGINT, description: "受理（件）", nullable: false}
  completed: {type: BIGINT, description: "办结（件），不计哪些办结结果见 meta.rules", nullable: false}
  issued: {type: BIGINT, description: "颁发（件）", nullable: false}
  transferred: {type: BIGINT, description: "流转（件）", nullable: false}
nuance: 五个量各按自己的事件时间计数，不是漏斗；全部为 0 的切片不列。
checks: [grain_is_unique]
*/

with events as (
    select * from core.events
)

select
    -- keys and dimensions
    event_date,
    org_code,
    org_level,
    task_type,
    is_composite,
    -- measures
    cast(sum(case when measure = 'consulted' then counted else 0 end) as bigint) as consulted,
    cast(sum(case when measure = 'accepted' then counted else 0 end) as bigint) as accepted,
    cast(sum(case when measure = 'completed' then counted else 0 end) as bigint) as completed,
    cast(sum(case when measure = 'issued' then counted else 0 end) as bigint) as issued,
    cast(sum(case when measure = 'transferred' then counted else 0 end) as bigint) as transferred
from events
where counted <> 0
group by event_date, org_code, org_level, task_type, is_composite
