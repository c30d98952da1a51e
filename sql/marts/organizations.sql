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
nuance: 部门改名时编码不变，名称以最新为准。
checks: [grain_is_unique]
*/

with consult as (
    select * from core.consult
),

accept as (
    select * from core.accept
),

result as (
    select * from core.result
),

issuance as (
    select * from core.issuance
),

process as (
    select * from core.process
),

rows_seen as (
    select
        'consult' as feed, org_code, org_name, org_level, event_date, cd_time, business_date, sequence, delivery, file_index, line
    from consult
    where not is_deleted
    union all
    select
        'accept' as feed, org_code, org_name, org_level, event_date, cd_time, business_date, sequence, delivery, file_index, line
    from accept
    where not is_deleted
    union all
    select
        'result' as feed, org_code, org_name, org_level, event_date, cd_time, business_date, sequence, delivery, file_index, line
    from result
    where not is_deleted
    union all
    select
        'issuance' as feed, org_code, org_name, org_level, event_date, cd_time, business_date, sequence, delivery, file_index, line
    from issuance
    where not is_deleted
    union all
    select
        'process' as feed, org_code, org_name, org_level, event_date, cd_time, business_date, sequence, delivery, file_index, line
    from process
    where not is_deleted
),

-- the name in force is that of the latest row that has one
latest as (
    select
        org_code,
        org_name,
        org_level
    from rows_seen
    qualify row_number() over (
        partition by org_code
        order by
            org_name is not null desc,
            cd_time desc, business_date desc, sequence desc, delivery desc, file_index desc, line desc, feed desc
    ) = 1
),

seen as (
    select
        org_code,
        min(event_date) as first_seen_date,
        max(event_date) as last_seen_date
    from rows_seen
    group by org_code
)

select
    -- keys
    latest.org_code,
    -- attributes
    latest.org_name,
    latest.org_level,
    seen.first_seen_date,
    seen.last_seen_date
from latest
inner join seen
    on latest.org_code = seen.org_code
