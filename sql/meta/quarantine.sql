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
nuance: 整件隔离的文件只有一行，行号为空，由同一业务日期的下一序号批次更正；一行由其后含同一主键的批次更正，主键不宜保存的行只能由替换批次更正。
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

mending_versions as (
    select * from core.mending_versions
),

-- a refused row is mended by a later delivery of its key
mended_rows as (
    select
        refusals.delivery,
        refusals.file,
        refusals.line,
        first(later.delivery order by later.business_date, later.sequence, later.delivery) as settled_by
    from refusals
    inner join deliveries
        on refusals.delivery = deliveries.delivery
    inner join mending_versions
        on refusals.feed = mending_versions.feed
        and refusals.record_key = mending_versions.record_key
    inner join deliveries as later
        on mending_versions.delivery = later.delivery
        and (later.business_date, later.sequence) > (deliveries.business_date, deliveries.sequence)
    where refusals.line is not null
    group by refusals.delivery, refusals.file, refusals.line
),

-- what a delivery brought of a feed: some file that was taken, or nothing but such files
feed_arrivals as (
    select
        file_states.delivery,
        file_states.feed,
        file_states.business_date,
        file_states.sequence,
        deliveries.mode,
        bool_or(file_states.state <> 'quarantined') as has_taken,
        bool_and(file_states.state <> 'quarantined') as is_all_taken
    from file_states
    inner join deliveries
        on file_states.delivery = deliveries.delivery
    group by
        file_states.delivery,
        file_states.feed,
        file_states.business_date,
        file_states.sequence,
        deliveries.mode
),

-- a refused file is mended by a later delivery of its feed for the same day; a refused row by one that replaces the day
mended_files as (
    select
        refusals.delivery,
        refusals.file,
        refusals.line,
        first(later.delivery order by later.sequence, later.delivery) as settled_by
    from refusals
    inner join deliveries
        on refusals.delivery = deliveries.delivery
    inner join feed_arrivals as later
        on refusals.feed = later.feed
        and deliveries.business_date = later.business_date
        and deliveries.sequence < later.sequence
    where (refusals.line is null and later.has_taken)
        or (later.mode = 'replace' and later.is_all_taken)
    group by refusals.delivery, refusals.file, refusals.line
)

select
    -- keys
    refusals.delivery,
    refusals.file,
    refusals.line,
    -- what is wrong
    refusals.feed,
    refusals.column_name,
    refusals.reason_code,
    reasons.reason,
    reasons.who_fixes,
    coalesce(mended_rows.settled_by, mended_files.settled_by) as settled_by
from refusals
inner join reasons
    on refusals.reason_code = reasons.reason_code
left join mended_rows
    on refusals.delivery = mended_rows.delivery
    and refusals.file = mended_rows.file
    and refusals.line = mended_rows.line
left join mended_files
    on refusals.delivery = mended_files.delivery
    and refusals.file = mended_files.file
    and refusals.line is not distinct from mended_files.line
