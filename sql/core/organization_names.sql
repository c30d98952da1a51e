/*
description: 每个部门现行的名称：同步时间最新、写有名称的现行记录；都没有名称的取最新一条
grain: [org_code]
owner: data_team
kind: merge
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

with events as not materialized (
    select * from core.events
),

named as not materialized (
    select
        feed,
        org_code,
        org_name,
        org_level,
        cd_time,
        business_date,
        sequence,
        delivery,
        file_index,
        line
    from events
    where not is_deleted
),

-- few rows have the latest time, so that only these need to be ordered
latest_times as (
    select
        org_code,
        max(cd_time) as any_time,
        max(cd_time) filter (where org_name is not null) as named_time
    from named
    group by org_code
),

latest as (
    select
        named.org_code,
        named.org_name,
        named.org_level,
        named.cd_time,
        named.business_date,
        named.sequence,
        named.delivery,
        named.file_index,
        named.line,
        named.feed
    from named
    inner join latest_times
        on named.org_code = latest_times.org_code
        and named.cd_time = coalesce(latest_times.named_time, latest_times.any_time)
    where named.org_name is not null or latest_times.named_time is null
    qualify row_number() over (
        partition by named.org_code
        order by
            named.cd_time desc, named.business_date desc, named.sequence desc,
            named.delivery desc, named.file_index desc, named.line desc, named.feed desc
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
