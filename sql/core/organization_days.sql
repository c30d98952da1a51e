/*
description: 每个部门每天按所写名称的现行记录数（各种类合计，不含已删除者）
grain: [org_code, org_name, event_date]
owner: data_team
kind: sum
columns:
  org_code: {type: VARCHAR, description: 部门编码（统一社会信用代码）}
  org_name: {type: VARCHAR, description: 记录所写的部门名称，未写的为空串}
  event_date: {type: DATE, description: 事件日期（北京时间）}
  row_count: {type: BIGINT, description: 当日的现行记录数，计数与否不论}
nuance: 部门的最早、最晚事件日期和各时期的名称由此得出，不必再读明细；一条记录改了部门或日期，原处随之减少。
checks: [grain_is_unique]
*/

with events as (
    select * from core.events
),

live as (
    select
        org_code,
        coalesce(org_name, '') as org_name,
        event_date
    from events
    where not is_deleted
)

select
    -- keys
    org_code,
    org_name,
    event_date,
    -- measures
    count(*) as row_count
from live
group by org_code, org_name, event_date
