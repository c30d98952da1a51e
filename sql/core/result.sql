/*
description: 办结的现行版本：每个键取最新一条，含已删除者
grain: [project_no]
owner: data_team
kind: newest
newest_by: [cd_time, business_date, sequence, delivery, file_index, line]
columns:
  project_no: {type: VARCHAR, description: 办件编号}
  is_deleted: {type: BOOLEAN, description: 是否已被平台删除（最新版本为删除）}
  event_date: {type: DATE, description: 事件日期（北京时间）}
  org_code: {type: VARCHAR, description: 部门编码（统一社会信用代码）}
  org_name: {type: VARCHAR, description: 部门名称，按该记录所写}
  org_level: {type: VARCHAR, description: 行使层级，2 为省}
  task_type: {type: VARCHAR, description: 事项类型，代码表之外为 99，空为空串}
  is_composite: {type: BOOLEAN, description: 是否综窗}
  counted: {type: BIGINT, description: 计入办结的件数：meta.rules 中不计的办结结果与已删除为 0}
  cd_time: {type: TIMESTAMP, description: 平台写入该版本的时间}
  business_date: {type: DATE, description: 该版本所在批次的业务日期}
  sequence: {type: BIGINT, description: 该版本所在批次的序号}
  delivery: {type: VARCHAR, description: 该版本所在批次}
  file_index: {type: BIGINT, description: 该版本所在文件在清单中的序号}
  line: {type: BIGINT, description: 该版本在文件中的行号}
nuance: 办结可以没有受理记录（去年受理、今年办结），故办结可多于受理。
checks: [grain_is_unique]
*/

with result as not materialized (
    select * from lake.result
),

file_states as (
    select * from core.file_states
),

task_types as (
    select * from ref.task_types
),

uncounted_result_types as (
    select * from ref.uncounted_result_types
),

-- this and the rows it is of are read three times, each time a few columns: a copy would be the whole history
live as not materialized (
    select
        result.project_no,
        result.cd_operation,
        result.result_date,
        result.result_type,
        result.org_code,
        result.org_name,
        result.org_level,
        result.task_type,
        result.is_composite,
        result.cd_time,
        result.business_date,
        result.sequence,
        result.delivery,
        result.file_index,
        result.line
    from result
    inner join file_states
        on result.delivery = file_states.delivery
        and result.file_index = file_states.file_index
    where file_states.state = 'loaded'
),

-- most keys have one version; only the others need to be ordered
repeated as (
    select hash(project_no) as key_hash
    from live
    group by hash(project_no)
    having count(project_no) > 1
),

-- what loses: to the latest cd_time, then the later delivery, the later file in its manifest, the later row in the file
superseded as (
    select
        live.delivery,
        live.file_index,
        live.line
    from live
    semi join repeated
        on hash(live.project_no) = repeated.key_hash
    qualify row_number() over (
        partition by live.project_no
        order by
            live.cd_time desc, live.business_date desc, live.sequence desc,
            live.delivery desc, live.file_index desc, live.line desc
    ) > 1
)

select
    -- keys
    live.project_no,
    -- what is counted, when, and for whom
    live.cd_operation = 'D' as is_deleted,
    cast(live.result_date as date) as event_date,
    live.org_code,
    live.org_name,
    live.org_level,
    case when live.task_type is null then '' else coalesce(task_types.task_type, '99') end as task_type,
    live.is_composite,
    cast(
        case when live.cd_operation = 'D' or uncounted_result_types.result_type is not null then 0 else 1 end as bigint
    ) as counted,
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
left join uncounted_result_types
    on live.result_type = uncounted_result_types.result_type
