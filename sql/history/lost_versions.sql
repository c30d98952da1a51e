/*
description: 湖中不是现行版本的记录：被较新版本取代，或所在文件已被替换批次撤下
grain: [measure, delivery, file_index, line]
owner: data_team
kind: table
columns:
  measure: {type: VARCHAR, description: 所计的量：consulted、accepted、completed、issued、transferred}
  version_key: {type: VARCHAR, description: "记录的键；流转为办件编号与环节序号，以 # 相连"}
  event_date: {type: DATE, description: 事件日期（北京时间）}
  org_level: {type: VARCHAR, description: 行使层级}
  class: {type: VARCHAR, description: 事项类别，不入类的为空}
  is_composite: {type: BOOLEAN, description: 是否综窗}
  counted: {type: BIGINT, description: 若为现行版本，按现行口径计入的数}
  cd_time: {type: TIMESTAMP, description: 平台写入该版本的时间}
  business_date: {type: DATE, description: 所在批次的业务日期}
  sequence: {type: BIGINT, description: 所在批次的序号}
  delivery: {type: VARCHAR, description: 所在批次}
  file_index: {type: BIGINT, description: 所在文件在清单中的序号}
  line: {type: BIGINT, description: 在文件中的行号}
nuance: 只含已定稿而有变动的数字所计的量；没有变动时不读湖中任何文件。不发布。
checks: [grain_is_unique]
*/

with changed_figures as (
    select * from history.changed_figures
),

lake_consult as (
    select * from lake.consult
),

consult as (
    select * from core.consult
),

lake_accept as (
    select * from lake.accept
),

accept as (
    select * from core.accept
),

lake_result as (
    select * from lake.result
),

result as (
    select * from core.result
),

lake_issuance as (
    select * from lake.issue
),

issuance as (
    select * from core.issuance
),

lake_process as (
    select * from lake.process
),

process as (
    select * from core.process
),

task_types as (
    select * from ref.task_types
),

uncounted_result_types as (
    select * from ref.uncounted_result_types
),

-- joined first to every step below: where nothing has changed, no file is read
measures as (
    select distinct measure
    from changed_figures
),

winners as not materialized (
    select measures.measure, consult.delivery, consult.file_index, consult.line
    from measures
    inner join consult
        on measures.measure = 'consulted'
    union all
    select measures.measure, accept.delivery, accept.file_index, accept.line
    from measures
    inner join accept
        on measures.measure = 'accepted'
    union all
    select measures.measure, result.delivery, result.file_index, result.line
    from measures
    inner join result
        on measures.measure = 'completed'
    union all
    select measures.measure, issuance.delivery, issuance.file_index, issuance.line
    from measures
    inner join issuance
        on measures.measure = 'issued'
    union all
    select measures.measure, process.delivery, process.file_index, process.line
    from measures
    inner join process
        on measures.measure = 'transferred'
),

versions as not materialized (
    select
        measures.measure,
        lake_consult.consult_no as version_key,
        cast(lake_consult.consult_date as date) as event_date,
        lake_consult.org_level,
        lake_consult.task_type,
        lake_consult.is_composite,
        case when lake_consult.cd_operation = 'D' then 0 else lake_consult.person_count end as counted,
        lake_consult.cd_time,
        lake_consult.business_date,
        lake_consult.sequence,
        lake_consult.delivery,
        lake_consult.file_index,
        lake_consult.line
    from measures
    inner join lake_consult
        on measures.measure = 'consulted'
    union all
    select
        measures.measure,
        lake_accept.project_no as version_key,
        cast(lake_accept.accept_date as date) as event_date,
        lake_accept.org_level,
        lake_accept.task_type,
        lake_accept.is_composite,
        case when lake_accept.cd_operation = 'D' then 0 else 1 end as counted,
        lake_accept.cd_time,
        lake_accept.business_date,
        lake_accept.sequence,
        lake_accept.delivery,
        lake_accept.file_index,
        lake_accept.line
    from measures
    inner join lake_accept
        on measures.measure = 'accepted'
    union all
    select
        measures.measure,
        lake_result.project_no as version_key,
        cast(lake_result.result_date as date) as event_date,
        lake_result.org_level,
        lake_result.task_type,
        lake_result.is_composite,
        case when lake_result.cd_operation = 'D' or uncounted_result_types.result_type is not null then 0 else 1 end as counted,
        lake_result.cd_time,
        lake_result.business_date,
        lake_result.sequence,
        lake_result.delivery,
        lake_result.file_index,
        lake_result.line
    from measures
    inner join lake_result
        on measures.measure = 'completed'
    left join uncounted_result_types
        on lake_result.result_type = uncounted_result_types.result_type
    union all
    select
        measures.measure,
        lake_issuance.issuance_no as version_key,
        cast(lake_issuance.issue_date as date) as event_date,
        lake_issuance.org_level,
        lake_issuance.task_type,
        lake_issuance.is_composite,
        case when lake_issuance.cd_operation = 'D' then 0 else 1 end as counted,
        lake_issuance.cd_time,
        lake_issuance.business_date,
        lake_issuance.sequence,
        lake_issuance.delivery,
        lake_issuance.file_index,
        lake_issuance.line
    from measures
    inner join lake_issuance
        on measures.measure = 'issued'
    union all
    select
        measures.measure,
        lake_process.project_no || '#' || lake_process.step_no as version_key,
        cast(lake_process.event_start_time as date) as event_date,
        lake_process.org_level,
        lake_process.task_type,
        lake_process.is_composite,
        case when lake_process.cd_operation = 'D' then 0 else case when lake_process.transfer_type = '0' then 0 else 1 end end as counted,
        lake_process.cd_time,
        lake_process.business_date,
        lake_process.sequence,
        lake_process.delivery,
        lake_process.file_index,
        lake_process.line
    from measures
    inner join lake_process
        on measures.measure = 'transferred'
)

select
    -- keys
    versions.measure,
    versions.version_key,
    -- what it would count, when, and for whom
    versions.event_date,
    versions.org_level,
    task_types.class,
    versions.is_composite,
    versions.counted,
    -- which version it is
    versions.cd_time,
    versions.business_date,
    versions.sequence,
    versions.delivery,
    versions.file_index,
    versions.line
from versions
anti join winners
    on versions.measure = winners.measure
    and versions.delivery = winners.delivery
    and versions.file_index = winners.file_index
    and versions.line = winners.line
left join task_types
    on versions.task_type = task_types.task_type
