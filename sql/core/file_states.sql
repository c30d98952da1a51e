/*
description: 每个数据文件是否计入：已入库、整件隔离，被同一业务日期的替换批次撤下，或随批次撤回
grain: [delivery, file_index]
owner: data_team
kind: table
columns:
  delivery: {type: VARCHAR, description: 交付批次}
  file: {type: VARCHAR, description: 文件名}
  file_index: {type: BIGINT, description: 文件在清单中的序号，从 0 起}
  feed: {type: VARCHAR, description: 数据种类}
  business_date: {type: DATE, description: 批次的业务日期}
  sequence: {type: BIGINT, description: 业务日期内的批次序号}
  state: {type: VARCHAR, description: "loaded 计入，quarantined 整件隔离，withdrawn 被替换或撤回"}
nuance: 撤回（zhoubao withdraw）的批次，其入库的文件不再计入，也不再撤下别的文件。替换批次只撤下清单中列出的种类，且该种类的文件全部入库才撤；之后的批次照常叠加。
checks: [grain_is_unique]
*/

with files as (
    select * from ledger.files
),

deliveries as (
    select * from ledger.deliveries
),

withdrawals as (
    select * from ledger.withdrawals
),

placed as (
    select
        files.delivery,
        files.file,
        files.file_index,
        files.feed,
        files.state,
        deliveries.business_date,
        deliveries.sequence,
        deliveries.mode,
        withdrawals.delivery is not null as is_undone
    from files
    inner join deliveries
        on files.delivery = deliveries.delivery
    left join withdrawals
        on files.delivery = withdrawals.delivery
),

-- where one replacing file is quarantined, nothing of its feed is withdrawn
replacements as (
    select
        business_date,
        feed,
        delivery,
        sequence
    from placed
    where mode = 'replace' and not is_undone
    group by business_date, feed, delivery, sequence
    having bool_and(state = 'loaded')
),

last_replacements as (
    select
        business_date,
        feed,
        max(sequence) as sequence
    from replacements
    group by business_date, feed
)

select
    -- keys
    placed.delivery,
    placed.file,
    placed.file_index,
    -- place
    placed.feed,
    placed.business_date,
    placed.sequence,
    case
        when placed.state = 'loaded' and placed.is_undone then 'withdrawn'
        when placed.state = 'loaded' and placed.sequence < last_replacements.sequence then 'withdrawn'
        else placed.state
    end as state
from placed
left join last_replacements
    on placed.business_date = last_replacements.business_date
    and placed.feed = last_replacements.feed
