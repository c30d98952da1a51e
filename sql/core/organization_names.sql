/*
description: 每个部门现行的名称：同步时间最新、写有名称的现行记录；都没有名称的取最新一条
grain: [org_code]
owner: data_team
kind: newest
newest_by: [has_name, cd_time, business_date, sequence, delivery, file_index, line, feed]
columns:
  org_code: {type: VARCHAR, description: 部门编码（统一社会信用代码）}
  has_name: {type: BOOLEAN, description: 该记录是否写有名称}
  org_name: {type: VARCHAR, description: 部门名称，按该记录所写}
  org_level: {type: VARCHAR, description: 行使层级，按该记录所写}
  cd_time: {type: TIMESTAMP, description: 平台写入该版本的时间}
  business_date: {type: DATE, description: 该版本所在批次的业务日期}
  sequence: {type: BIGINT, description: 该版本所在批次的序号}
  delivery: {type: VARCHAR, description: 该版本所在批次}
  file_index: {type: BIGINT, description: 该版本所在文件在清单中的序号}
  line: {type: BIGINT, description: 该版本在文件中的行号}
  feed: {type: VARCHAR, description: 该记录的种类}
nuance: 已删除、已被取代的记录所写的名称不算。
checks: [grain_is_unique]
*/

with consult as not materialized (
    select * from core.consult
),

accept as not materialized (
    select * from core.accept
),

result as not materialized (
    select * from core.result
),

issuance as not materialized (
    select * from core.issuance
),

process as not materialized (
    select * from core.process
),

rows_seen as not materialized (
    select 'consult' as feed, org_code, org_name, org_level, cd_time, business_date, sequence, delivery, file_index, line
    from consult
    where not is_deleted
    union all
    select 'accept' as feed, org_code, org_name, org_level, cd_time, business_date, sequence, delivery, file_index, line
    from accept
    where not is_deleted
    union all
    select 'result' as feed, org_code, org_name, org_level, cd_time, business_date, sequence, delivery, file_index, line
    from result
    where not is_deleted
    union all
    select 'issuance' as feed, org_code, org_name, org_level, cd_time, business_date, sequence, delivery, file_index, line
    from issuance
    where not is_deleted
    union all
    select 'process' as feed, org_code, org_name, org_level, cd_time, business_date, sequence, delivery, file_index, line
    from process
    where not is_deleted
),

-- few rows have the latest time, so that only these need to be ordered
latest_times as (
    select
        org_code,
        max(cd_time) as any_time,
        max(cd_time) filter (where org_name is not null) as named_time
    from rows_seen
    group by org_code
),

latest as (
    select
        rows_seen.org_code,
        rows_seen.org_name,
        rows_seen.org_level,
        rows_seen.cd_time,
        rows_seen.business_date,
        rows_seen.sequence,
        rows_seen.delivery,
        rows_seen.file_index,
        rows_seen.line,
        rows_seen.feed
    from rows_seen
    inner join latest_times
        on rows_seen.org_code = latest_times.org_code
        and rows_seen.cd_time = coalesce(latest_times.named_time, latest_times.any_time)
    where rows_seen.org_name is not null or latest_times.named_time is null
    qualify row_number() over (
        partition by rows_seen.org_code
        order by
            rows_seen.cd_time desc, rows_seen.business_date desc, rows_seen.sequence desc,
            rows_seen.delivery desc, rows_seen.file_index desc, rows_seen.line desc, rows_seen.feed desc
    ) = 1
)

select
    -- keys
    org_code,
    -- the row whose words are in force
    org_name is not null as has_name,
    org_name,
    org_level,
    -- which version this is
    cd_time,
    business_date,
    sequence,
    delivery,
    file_index,
    line,
    feed
from latest
