/*
description: 隔离的记录与文件：在哪里、为什么、由谁更正；不含任何值
grain: [delivery, file, line]
owner: data_team
kind: table
columns:
  delivery: {type: VARCHAR, description: "交付批次"}
  file: {type: VARCHAR, description: "文件名"}
  line: {type: BIGINT, description: "记录在文件中的起始行号；整件隔离为空", nullable: true}
  feed: {type: VARCHAR, description: "数据种类", nullable: false}
  column_name: {type: VARCHAR, description: "出错的列"}
  reason_code: {type: VARCHAR, description: "原因代码", nullable: false}
  reason: {type: VARCHAR, description: "原因", nullable: false}
  who_fixes: {type: VARCHAR, description: "由谁更正", nullable: false}
  settled_by: {type: VARCHAR, description: "更正它的批次；未更正为空"}
nuance: 一行由其后含同一主键的批次更正，或由全部入库的同日同类替换批次更正；整件隔离的文件只有一行，行号为空，由全部入库的同日同类替换批次更正，能读出全部主键的也在主键都已再次送到时更正。主键不宜保存的只能由替换批次更正；已撤回（zhoubao withdraw）的批次不更正任何记录。
checks: [grain_is_unique]
*/

with refusals as (
    select * from ledger.refusals
),

reasons as (
    select * from ref.reasons
),

deliveries as (
    select * from ledger.deliveries
),

file_states as (
    select * from core.file_states
),

withdrawals as (
    select * from ledger.withdrawals
),

mending_versions as (
    select * from core.mending_versions
),

-- where and why: one line for each row, and one for a whole file; what else is of a whole file are its keys
entries as (
    select
        delivery,
        file,
        line,
        feed,
        column_name,
        reason_code
    from refusals
    where line is not null or record_key is null
),

-- each refused key with the first later delivery that brings it
mended_keys as (
    select
        refusals.delivery,
        refusals.file,
        refusals.line,
        refusals.record_key,
        first(
            (later.business_date, later.sequence, later.delivery)
            order by later.business_date, later.sequence, later.delivery
        ) as settled_by
    from refusals
    inner join deliveries
        on refusals.delivery = deliveries.delivery
    inner join mending_versions
        on refusals.feed = mending_versions.feed
        and refusals.record_key = mending_versions.record_key
    inner join deliveries as later
        on mending_versions.delivery = later.delivery
        and (later.business_date, later.sequence) > (deliveries.business_date, deliveries.sequence)
    anti join withdrawals
        on mending_versions.delivery = withdrawals.delivery
    group by refusals.delivery, refusals.file, refusals.line, refusals.record_key
),

-- a row is fixed by its key, a whole file when the last of all its keys has come
refused_keys as (
    select
        delivery,
        file,
        line,
        count(distinct record_key) as keys
    from refusals
    where record_key is not null
    group by delivery, file, line
),

mended_by_keys as (
    select
        mended_keys.delivery,
        mended_keys.file,
        mended_keys.line,
        struct_extract(max(mended_keys.settled_by), 3) as settled_by
    from mended_keys
    inner join refused_keys
        on mended_keys.delivery = refused_keys.delivery
        and mended_keys.file = refused_keys.file
        and mended_keys.line is not distinct from refused_keys.line
    group by mended_keys.delivery, mended_keys.file, mended_keys.line, refused_keys.keys
    having count(*) = refused_keys.keys
),

-- deliveries that replace a feed's day and were wholly taken
replacements as (
    select
        file_states.delivery,
        file_states.feed,
        file_states.business_date,
        file_states.sequence
    from file_states
    inner join deliveries
        on file_states.delivery = deliveries.delivery
    anti join withdrawals
        on file_states.delivery = withdrawals.delivery
    where deliveries.mode = 'replace'
    group by
        file_states.delivery,
        file_states.feed,
        file_states.business_date,
        file_states.sequence
    having bool_and(file_states.state <> 'quarantined')
),

mended_by_replacement as (
    select
        entries.delivery,
        entries.file,
        entries.line,
        first(later.delivery order by later.sequence, later.delivery) as settled_by
    from entries
    inner join deliveries
        on entries.delivery = deliveries.delivery
    inner join replacements as later
        on entries.feed = later.feed
        and deliveries.business_date = later.business_date
        and deliveries.sequence < later.sequence
    group by entries.delivery, entries.file, entries.line
)

select
    -- keys
    entries.delivery,
    entries.file,
    entries.line,
    -- what is wrong
    entries.feed,
    entries.column_name,
    entries.reason_code,
    reasons.reason,
    reasons.who_fixes,
    coalesce(mended_by_keys.settled_by, mended_by_replacement.settled_by) as settled_by
from entries
inner join reasons
    on entries.reason_code = reasons.reason_code
left join mended_by_keys
    on entries.delivery = mended_by_keys.delivery
    and entries.file = mended_by_keys.file
    and entries.line is not distinct from mended_by_keys.line
left join mended_by_replacement
    on entries.delivery = mended_by_replacement.delivery
    and entries.file = mended_by_replacement.file
    and entries.line is not distinct from mended_by_replacement.line
