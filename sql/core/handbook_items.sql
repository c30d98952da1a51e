/*
description: 每次送来的受理工作手册清单，逐项
grain: [delivery, task_handle_item]
owner: data_team
kind: merge
newest_by: [cd_time, file_index, line]
columns:
  delivery: {type: VARCHAR, description: 交付批次}
  business_date: {type: DATE, description: 批次的业务日期}
  sequence: {type: BIGINT, description: 业务日期内的批次序号}
  task_handle_item: {type: VARCHAR, description: 业务办理项编码}
  org_code: {type: VARCHAR, description: 部门编码}
  org_name: {type: VARCHAR, description: 部门名称，按该清单所写}
  finished_date: {type: DATE, description: 手册完成日期，未完成为空}
  cd_time: {type: TIMESTAMP, description: 平台写入时间}
  file_index: {type: BIGINT, description: 所在文件在清单中的序号}
  line: {type: BIGINT, description: 在文件中的行号}
nuance: 手册是每次全量，不逐项覆盖；某期用截止日前最后一份清单，清单中没有的项就不存在。
checks: [grain_is_unique]
*/

with handbook as (
    select * from lake.handbook
),

file_states as (
    select * from core.file_states
),

live as (
    select
        handbook.delivery,
        handbook.business_date,
        handbook.sequence,
        handbook.task_handle_item,
        handbook.org_code,
        handbook.org_name,
        handbook.finished_date,
        handbook.cd_time,
        handbook.file_index,
        handbook.line
    from handbook
    inner join file_states
        on handbook.delivery = file_states.delivery
        and handbook.file_index = file_states.file_index
    where file_states.state = 'loaded'
),

newest as (
    select
        delivery,
        business_date,
        sequence,
        task_handle_item,
        org_code,
        org_name,
        finished_date,
        cd_time,
        file_index,
        line
    from live
    qualify row_number() over (
        partition by delivery, task_handle_item
        order by cd_time desc, file_index desc, line desc
    ) = 1
)

select
    -- keys
    delivery,
    business_date,
    sequence,
    task_handle_item,
    -- the item
    org_code,
    org_name,
    finished_date,
    cd_time,
    -- which row of the list this is
    file_index,
    line
from newest
