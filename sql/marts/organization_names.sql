/*
description: 各部门历次的名称及起止日期
grain: [org_code, first_date]
owner: data_team
kind: table
columns:
  org_code: {type: VARCHAR, description: "部门编码（统一社会信用代码）"}
  org_name: {type: VARCHAR, description: "该时期的名称", nullable: false}
  first_date: {type: DATE, description: "用此名称的第一天；第一个名称自该部门最早的事件或期初数之日起"}
  last_date: {type: DATE, description: "用此名称的最后一天；现用的为空", nullable: true}
nuance: 某天的名称是当天事件的记录中写得最多的；仅一天不同、前后名称相同的不算改名。各时期相接不重叠；编码不变。从未写过名称的部门没有行。
checks: [grain_is_unique]
*/

with organization_days as (
    select * from core.organization_days
),

openings as (
    select * from lake.opening
),

seen as (
    select
        org_code,
        event_date as seen_date
    from organization_days
    union all
    select
        org_code,
        as_of as seen_date
    from openings
    where org_code <> ''
),

first_seen as (
    select
        org_code,
        min(seen_date) as first_seen_date
    from seen
    group by org_code
),

named_days as (
    select
        org_code,
        org_name,
        event_date
    from organization_days
    where org_name <> ''
    qualify row_number() over (partition by org_code, event_date order by row_count desc, org_name) = 1
),

neighbours as (
    select
        org_code,
        org_name,
        event_date,
        lag(org_name) over (partition by org_code order by event_date) as name_before,
        lead(org_name) over (partition by org_code order by event_date) as name_after
    from named_days
),

-- a single day with another name, as a late row under the old name makes it, is no renaming
settled as (
    select
        org_code,
        org_name,
        event_date,
        lag(org_name) over (partition by org_code order by event_date) as name_before
    from neighbours
    where name_before is null or name_after is null or name_before <> name_after or name_before = org_name
),

renamings as (
    select
        org_code,
        org_name,
        event_date,
        name_before,
        lead(event_date) over (partition by org_code order by event_date) as next_date
    from settled
    where name_before is null or name_before <> org_name
)

select
    -- keys
    renamings.org_code,
    -- attributes
    renamings.org_name,
    case when renamings.name_before is null then first_seen.first_seen_date else renamings.event_date end as first_date,
    renamings.next_date - 1 as last_date
from renamings
inner join first_seen
    on renamings.org_code = first_seen.org_code
