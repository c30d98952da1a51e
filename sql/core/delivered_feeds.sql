/*
description: 各业务日期送到的数据种类，以及该日该种类是否齐全
grain: [business_date, feed]
owner: data_team
kind: table
columns:
  business_date: {type: DATE, description: 业务日期}
  feed: {type: VARCHAR, description: 数据种类}
  is_whole: {type: BOOLEAN, description: 是否齐全：有计入的文件，且没有整件隔离而尚未替换的文件}
nuance: 只有表头的文件也算送到（当日无办件）；整件隔离而清单写明没有记录的文件不影响齐全。
checks: [grain_is_unique]
*/

with file_states as (
    select * from core.file_states
),

ledger_files as (
    select * from ledger.files
),

ledger_deliveries as (
    select * from ledger.deliveries
),

withdrawals as (
    select * from ledger.withdrawals
),

placed as (
    select
        file_states.business_date,
        file_states.feed,
        file_states.sequence,
        file_states.delivery,
        file_states.state,
        ledger_deliveries.mode,
        ledger_files.quarantined
    from file_states
    inner join ledger_files
        on file_states.delivery = ledger_files.delivery
        and file_states.file_index = ledger_files.file_index
    inner join ledger_deliveries
        on file_states.delivery = ledger_deliveries.delivery
    anti join withdrawals
        on file_states.delivery = withdrawals.delivery
),

-- what replaces a day's feed makes good what was quarantined of it before
replacements as (
    select
        business_date,
        feed,
        delivery,
        sequence
    from placed
    where mode = 'replace'
    group by business_date, feed, delivery, sequence
    having bool_and(state <> 'quarantined')
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
    placed.business_date,
    placed.feed,
    -- what came
    bool_or(placed.state = 'loaded')
        and not bool_or(
            placed.state = 'quarantined'
            and placed.quarantined > 0
            and placed.sequence > coalesce(last_replacements.sequence, 0)
        ) as is_whole
from placed
left join last_replacements
    on placed.business_date = last_replacements.business_date
    and placed.feed = last_replacements.feed
group by placed.business_date, placed.feed
