/*
description: 平台的每一批交付及其状态
grain: [delivery]
owner: data_team
kind: table
columns:
  delivery: {type: VARCHAR, description: "交付批次"}
  business_date: {type: DATE, description: "业务日期"}
  sequence: {type: BIGINT, description: "业务日期内的序号"}
  mode: {type: VARCHAR, description: "upsert 逐条更新，replace 替换当日同类", values: {upsert: 逐条更新, replace: 替换当日同类}}
  produced_at: {type: TIMESTAMP, description: "平台生成时间（北京时间）"}
  received_at: {type: TIMESTAMP, description: "入库时间（北京时间），等待中的为空"}
  state: {type: VARCHAR, description: "loaded 已入库，waiting 等待，conflict 同名内容已变，withdrawn 已全部被替换或已撤回", nullable: false, values: {loaded: 已入库, waiting: 等待, conflict: 同名内容已变, withdrawn: 已全部被替换或已撤回}}
  files: {type: BIGINT, description: "数据文件数", nullable: false}
  note: {type: VARCHAR, description: "说明：缺什么，有什么不符，或为何撤回"}
nuance: conflict 的批次，已入库的内容照旧计算。
checks: [grain_is_unique]
*/

with deliveries as (
    select * from ledger.deliveries
),

file_states as (
    select * from core.file_states
),

held as (
    select * from ledger.held
),

withdrawals as (
    select * from ledger.withdrawals
),

file_totals as (
    select
        delivery,
        count(*) as files,
        bool_and(state = 'withdrawn') as is_withdrawn
    from file_states
    group by delivery
)

select
    -- keys
    coalesce(deliveries.delivery, held.delivery) as delivery,
    -- the delivery
    coalesce(deliveries.business_date, held.business_date) as business_date,
    coalesce(deliveries.sequence, held.sequence) as sequence,
    coalesce(deliveries.mode, held.mode) as mode,
    coalesce(deliveries.produced_at, held.produced_at) as produced_at,
    deliveries.received_at,
    case
        when withdrawals.delivery is not null then 'withdrawn'
        when held.state is not null then held.state
        when file_totals.is_withdrawn then 'withdrawn'
        else 'loaded'
    end as state,
    coalesce(file_totals.files, held.files, 0) as files,
    nullif(concat_ws('；', '撤回：' || withdrawals.reason, held.note), '') as note
from deliveries
full outer join held
    on deliveries.delivery = held.delivery
left join file_totals
    on deliveries.delivery = file_totals.delivery
left join withdrawals
    on deliveries.delivery = withdrawals.delivery
