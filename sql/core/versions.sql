/*
description: 五种办件数据的全部版本，统一为一种形状；计数规则只在此处
grain: [feed, delivery, file_index, line]
owner: data_team
kind: view
columns:
  feed: {type: VARCHAR, description: 数据种类}
  record_key: {type: VARCHAR, description: 记录的主键；流转为办件编号与环节序号，以 / 相连}
  measure: {type: VARCHAR, description: 所计的量：consulted、accepted、completed、issued、transferred}
  is_deleted: {type: BOOLEAN, description: 该版本是否为平台的删除}
  event_date: {type: DATE, description: 事件日期（北京时间），各种类按各自的时间}
  org_code: {type: VARCHAR, description: 部门编码（统一社会信用代码）}
  org_name: {type: VARCHAR, description: 部门名称，按该记录所写}
  org_level: {type: VARCHAR, description: 行使层级，2 为省}
  area_code: {type: VARCHAR, description: 行政区划代码，未写的为空}
  task_type: {type: VARCHAR, description: 事项类型，代码表之外为 99，空为空串}
  is_composite: {type: BOOLEAN, description: 是否综窗}
  channel: {type: VARCHAR, description: 受理为申报来源，咨询为咨询渠道，各用各的代码表；其余种类与未写的为空}
  project_type: {type: VARCHAR, description: 办件类型；只有受理写明，其余种类与未写的为空}
  counted: {type: BIGINT, description: 若为现行版本，计入 measure 的数：咨询为人次，其余为 1；已删除、无流转、meta.rules 中不计的办结结果为 0}
  cd_time: {type: TIMESTAMP, description: 平台写入该版本的时间}
  business_date: {type: DATE, description: 该版本所在批次的业务日期}
  sequence: {type: BIGINT, description: 该版本所在批次的序号}
  delivery: {type: VARCHAR, description: 该版本所在批次}
  file_index: {type: BIGINT, description: 该版本所在文件在清单中的序号}
  line: {type: BIGINT, description: 该版本在文件中的行号}
nuance: 被取代的、所在文件已撤下的版本也在内；哪一个现行见 core.events。五种数据各按自己的时间计数，不是漏斗。
*/

with consult as (
    select * from lake.consult
),

accept as (
    select * from lake.accept
),

result as (
    select * from lake.result
),

issue as (
    select * from lake.issue
),

process as (
    select * from lake.process
),

task_types as (
    select * from ref.task_types
),

uncounted_result_types as (
    select * from ref.uncounted_result_types
),

-- one branch for each feed: its key, its day, and how many a row that is not deleted counts
records as (
    select
        'consult' as feed,
        consult_no as record_key,
        'consulted' as measure,
        cd_operation,
        consult_date as happened_at,
        org_code,
        org_name,
        org_level,
        area_code,
        task_type,
        is_composite,
        channel,
        cast(null as varchar) as project_type,
        person_count as weight,
        cd_time,
        business_date,
        sequence,
        delivery,
        file_index,
        line
    from consult
    union all
    select
        'accept' as feed,
        project_no as record_key,
        'accepted' as measure,
        cd_operation,
        accept_date as happened_at,
        org_code,
        org_name,
        org_level,
        area_code,
        task_type,
        is_composite,
        apply_type as channel,
        project_type,
        1 as weight,
        cd_time,
        business_date,
        sequence,
        delivery,
        file_index,
        line
    from accept
    union all
    select
        'result' as feed,
        result.project_no as record_key,
        'completed' as measure,
        result.cd_operation,
        result.result_date as happened_at,
        result.org_code,
        result.org_name,
        result.org_level,
        result.area_code,
        result.task_type,
        result.is_composite,
        cast(null as varchar) as channel,
        cast(null as varchar) as project_type,
        case when uncounted_result_types.result_type is null then 1 else 0 end as weight,
        result.cd_time,
        result.business_date,
        result.sequence,
        result.delivery,
        result.file_index,
        result.line
    from result
    left join uncounted_result_types
        on result.result_type = uncounted_result_types.result_type
    union all
    select
        'issue' as feed,
        issuance_no as record_key,
        'issued' as measure,
        cd_operation,
        issue_date as happened_at,
        org_code,
        org_name,
        org_level,
        area_code,
        task_type,
        is_composite,
        cast(null as varchar) as channel,
        cast(null as varchar) as project_type,
        1 as weight,
        cd_time,
        business_date,
        sequence,
        delivery,
        file_index,
        line
    from issue
    union all
    select
        'process' as feed,
        project_no || '/' || step_no as record_key,
        'transferred' as measure,
        cd_operation,
        event_start_time as happened_at,
        org_code,
        org_name,
        org_level,
        area_code,
        task_type,
        is_composite,
        cast(null as varchar) as channel,
        cast(null as varchar) as project_type,
        case when transfer_type = '0' then 0 else 1 end as weight,
        cd_time,
        business_date,
        sequence,
        delivery,
        file_index,
        line
    from process
)

select
    -- keys
    records.feed,
    records.record_key,
    -- what is counted, when, and for whom
    records.measure,
    records.cd_operation = 'D' as is_deleted,
    cast(records.happened_at as date) as event_date,
    records.org_code,
    records.org_name,
    records.org_level,
    records.area_code,
    case when records.task_type is null then '' else coalesce(task_types.task_type, '99') end as task_type,
    records.is_composite,
    records.channel,
    records.project_type,
    cast(case when records.cd_operation = 'D' then 0 else records.weight end as bigint) as counted,
    -- which version this is
    records.cd_time,
    records.business_date,
    records.sequence,
    records.delivery,
    records.file_index,
    records.line
from records
left join task_types
    on records.task_type = task_types.task_type
