/*
description: 咨询的现行版本：每个键取最新一条，含已删除者
grain: [consult_no]
owner: data_team
kind: newest
newest_by: [cd_time, business_date, sequence, delivery, file_index, line]
columns:
  consult_no: {type: VARCHAR, description: 咨询编号}
  is_deleted: {type: BOOLEAN, description: 是否已被平台删除（最新版本为删除）}
  event_date: {type: DATE, description: 事件日期（北京时间）}
  org_code: {type: VARCHAR, description: 部门编码（统一社会信用代码）}
  org_name: {type: VARCHAR, description: 部门名称，按该记录所写}
  org_level: {type: VARCHAR, description: 行使层级，2 为省}
  task_type: {type: VARCHAR, description: 事项类型，代码表之外为 99，空为空串}
  is_composite: {type: BOOLEAN, description: 是否综窗}
  counted: {type: BIGINT, description: 计入咨询的人次：有效记录为其人次，已删除为 0}
  cd_time: {type: TIMESTAMP, description: 平台写入该版本的时间}
  business_date: {type: DATE, description: 该版本所在批次的业务日期}
  sequence: {type: BIGINT, description: 该版本所在批次的序号}
  delivery: {type: VARCHAR, description: 该版本所在批次}
  file_index: {type: BIGINT, description: 该版本所在文件在清单中的序号}
  line: {type: BIGINT, description: 该版本在文件中的行号}
nuance: 咨询以人次计，不是办件。
checks: [grain_is_unique]
*/

with consult as (
    select * from lake.consult
),

file_states as (
    select * from core.file_states
),

task_types as (
    select * from ref.task_types
),

-- read three times, each time a few columns: a copy would be the whole history
live as not materialized (
    select
        consult.consult_no,
        consult.cd_operation,
        consult.consult_date,
        consult.person_count,
        consult.org_code,
        consult.org_name,
        consult.org_level,
        consult.task_type,
        consult.is_composite,
        consult.cd_time,
        consult.business_date,
        consult.sequence,
        consult.delivery,
        consult.file_index,
        consult.line
    from consult
    inner join file_states
        on consult.delivery = file_states.delivery
        and consult.file_index = file_states.file_index
    where file_states.state = 'loaded'
),

-- most keys have one version; only the others need to be ordered
repeated as (
    select hash(consult_no) as key_hash
    from live
    group by hash(consult_no)
    having count(*) > 1
),

-- what loses: to the latest cd_time, then the later delivery, the later file in its manifest, the later row in the file
superseded as (
    select
        live.delivery,
        live.file_index,
        live.line
    from live
    semi join repeated
        on hash(live.consult_no) = repeated.key_hash
    qualify row_number() over (
        partition by live.consult_no
        order by
            live.cd_time desc, live.business_date desc, live.sequence desc,
            live.delivery desc, live.file_index desc, live.line desc
    ) > 1
)

select
    -- keys
    live.consult_no,
    -- what is counted, when, and for whom
    live.cd_operation = 'D' as is_deleted,
    cast(live.consult_date as date) as event_date,
    live.org_code,
    live.org_name,
    live.org_level,
    case when live.task_type is null then '' else coalesce(task_types.task_type, '99') end as task_type,
    live.is_composite,
    case when live.cd_operation = 'D' then 0 else live.person_count end as counted,
    -- which version this is
    live.cd_time,
    live.business_date,
    live.sequence,
    live.delivery,
    live.file_index,
    live.line
from live
anti join superseded
    on live.delivery = superseded.delivery
    and live.file_index = superseded.file_index
    and live.line = superseded.line
left join task_types
    on live.task_type = task_types.task_type
