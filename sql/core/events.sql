/*
description: 五种办件数据的现行版本：每个种类、主键取最新一条，含已删除者
grain: [feed, record_key]
owner: data_team
kind: merge
newest_by: [cd_time, business_date, sequence, delivery, file_index, line]
columns:
  feed: {type: VARCHAR, description: 数据种类}
  record_key: {type: VARCHAR, description: 记录的主键；流转为办件编号与环节序号，以 / 相连}
  measure: {type: VARCHAR, description: 所计的量：consulted、accepted、completed、issued、transferred}
  is_deleted: {type: BOOLEAN, description: 是否已被平台删除（最新版本为删除）}
  event_date: {type: DATE, description: 事件日期（北京时间），各种类按各自的时间}
  org_code: {type: VARCHAR, description: 部门编码（统一社会信用代码）}
  org_name: {type: VARCHAR, description: 部门名称，按该记录所写}
  org_level: {type: VARCHAR, description: 行使层级，2 为省}
  area_code: {type: VARCHAR, description: 行政区划代码，未写的为空}
  task_type: {type: VARCHAR, description: 事项类型，代码表之外为 99，空为空串}
  is_composite: {type: BOOLEAN, description: 是否综窗}
  channel: {type: VARCHAR, description: 受理为申报来源，咨询为咨询渠道，各用各的代码表；其余种类与未写的为空}
  project_type: {type: VARCHAR, description: 办件类型；只有受理写明，其余种类与未写的为空}
  counted: {type: BIGINT, description: 计入 measure 的数，规则见 core.versions}
  cd_time: {type: TIMESTAMP, description: 平台写入该版本的时间}
  business_date: {type: DATE, description: 该版本所在批次的业务日期}
  sequence: {type: BIGINT, description: 该版本所在批次的序号}
  delivery: {type: VARCHAR, description: 该版本所在批次}
  file_index: {type: BIGINT, description: 该版本所在文件在清单中的序号}
  line: {type: BIGINT, description: 该版本在文件中的行号}
nuance: 各量按各自的时间计数，不是漏斗：办结可以没有受理记录（去年受理、今年办结），综窗统一出件使颁发远多于受理，咨询以人次计。
checks: [grain_is_unique]
*/

-- this and the rows that count are read three times, each time a few columns: a copy would be the whole history
with versions as not materialized (
    select * from core.versions
),

file_states as (
    select * from core.file_states
),

-- few files are withdrawn, if any: joined to these, most rows pass unseen
left_out as (
    select
        delivery,
        file_index
    from file_states
    where state <> 'loaded'
),

live as not materialized (
    select
        versions.feed,
        versions.record_key,
        versions.measure,
        versions.is_deleted,
        versions.event_date,
        versions.org_code,
        versions.org_name,
        versions.org_level,
        versions.area_code,
        versions.task_type,
        versions.is_composite,
        versions.channel,
        versions.project_type,
        versions.counted,
        versions.cd_time,
        versions.business_date,
        versions.sequence,
        versions.delivery,
        versions.file_index,
        versions.line
    from versions
    anti join left_out
        on versions.delivery = left_out.delivery
        and versions.file_index = left_out.file_index
),

-- most keys have one version; only the others need to be ordered
repeated as (
    select hash(feed, record_key) as key_hash
    from live
    group by hash(feed, record_key)
    having count(line) > 1
),

-- what loses: to the latest cd_time, then the later delivery, the later file in its manifest, the later row in the file
superseded as (
    select
        live.delivery,
        live.file_index,
        live.line
    from live
    semi join repeated
        on hash(live.feed, live.record_key) = repeated.key_hash
    qualify row_number() over (
        partition by live.feed, live.record_key
        order by
            live.cd_time desc, live.business_date desc, live.sequence desc,
            live.delivery desc, live.file_index desc, live.line desc
    ) > 1
)

select
    -- keys
    live.feed,
    live.record_key,
    -- what is counted, when, and for whom
    live.measure,
    live.is_deleted,
    live.event_date,
    live.org_code,
    live.org_name,
    live.org_level,
    live.area_code,
    live.task_type,
    live.is_composite,
    live.channel,
    live.project_type,
    live.counted,
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
