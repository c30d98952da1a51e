/*
description: 湖中不是现行版本的记录：被较新版本取代，或所在文件已被替换批次撤下
grain: [measure, delivery, file_index, line]
owner: data_team
kind: table
columns:
  measure: {type: VARCHAR, description: 所计的量：consulted、accepted、completed、issued、transferred}
  record_key: {type: VARCHAR, description: 记录的主键；流转为办件编号与环节序号，以 / 相连}
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

all_versions as not materialized (
    select * from core.versions
),

winners as not materialized (
    select * from core.events
),

task_types as (
    select * from ref.task_types
),

-- joined first to what is read below: where nothing has changed, no file is
measures as (
    select distinct measure
    from changed_figures
),

versions as not materialized (
    select
        all_versions.measure,
        all_versions.record_key,
        all_versions.event_date,
        all_versions.org_level,
        all_versions.task_type,
        all_versions.is_composite,
        all_versions.counted,
        all_versions.cd_time,
        all_versions.business_date,
        all_versions.sequence,
        all_versions.delivery,
        all_versions.file_index,
        all_versions.line
    from all_versions
    semi join measures
        on all_versions.measure = measures.measure
)

select
    -- keys
    versions.measure,
    versions.record_key,
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
    on versions.delivery = winners.delivery
    and versions.file_index = winners.file_index
    and versions.line = winners.line
left join task_types
    on versions.task_type = task_types.task_type
