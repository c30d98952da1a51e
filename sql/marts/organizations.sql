/*
description: 出现过的部门
grain: [org_code]
owner: data_team
kind: table
columns:
  org_code: {type: VARCHAR, description: "部门编码（统一社会信用代码）"}
  org_name: {type: VARCHAR, description: "部门名称，取同步时间最新的一条"}
  org_level: {type: VARCHAR, description: "行使层级，取同一条", nullable: false, codes: org_level}
  first_seen_date: {type: DATE, description: "最早事件日期", nullable: false}
  last_seen_date: {type: DATE, description: "最晚事件日期", nullable: false}
nuance: 部门改名时编码不变，名称以最新为准；历次的名称见 marts.organization_names。
checks: [grain_is_unique]
*/

with organization_names as (
    select * from core.organization_names
),

organization_days as (
    select * from core.organization_days
),

seen as (
    select
        org_code,
        min(event_date) as first_seen_date,
        max(event_date) as last_seen_date
    from organization_days
    group by org_code
)

select
    -- keys
    organization_names.org_code,
    -- attributes
    organization_names.org_name,
    organization_names.org_level,
    seen.first_seen_date,
    seen.last_seen_date
from organization_names
inner join seen
    on organization_names.org_code = seen.org_code
