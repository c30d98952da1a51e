/*
description: 有数字变动的各期，定稿时已在库的数据文件及其当时是否计入
grain: [issue_key, delivery, file_index]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: 期号}
  delivery: {type: VARCHAR, description: 交付批次}
  file_index: {type: BIGINT, description: 文件在清单中的序号，从 0 起}
  feed: {type: VARCHAR, description: 数据种类}
  business_date: {type: DATE, description: 批次的业务日期}
  sequence: {type: BIGINT, description: 业务日期内的批次序号}
  state: {type: VARCHAR, description: "定稿时的状态：loaded 计入，quarantined 整件隔离，withdrawn 被替换或撤回"}
nuance: 定稿后重读过的批次回执已不同，按定稿后到达的批次看待。不发布。
checks: [grain_is_unique]
*/

with changed_figures as (
    select * from history.changed_figures
),

frozen_receipts as (
    select * from ledger.frozen_receipts
),

deliveries as (
    select * from ledger.deliveries
),

files as (
    select * from ledger.files
),

changed_issues as (
    select distinct issue_key
    from changed_figures
),

frozen_figures as (
    select * from ledger.frozen_figures
),

withdrawals as (
    select * from ledger.withdrawals
),

-- what was withdrawn after the freeze counted then
undone as (
    select distinct
        frozen_figures.issue_key,
        withdrawals.delivery
    from frozen_figures
    inner join withdrawals
        on withdrawals.withdrawn_at <= frozen_figures.frozen_at
),

placed as (
    select
        changed_issues.issue_key,
        files.delivery,
        files.file_index,
        files.feed,
        files.state,
        deliveries.business_date,
        deliveries.sequence,
        deliveries.mode,
        undone.delivery is not null as is_undone
    from changed_issues
    inner join frozen_receipts
        on changed_issues.issue_key = frozen_receipts.issue_key
    inner join deliveries
        on frozen_receipts.delivery = deliveries.delivery
        and frozen_receipts.receipt_sha256 = deliveries.receipt_sha256
    inner join files
        on deliveries.delivery = files.delivery
    left join undone
        on changed_issues.issue_key = undone.issue_key
        and deliveries.delivery = undone.delivery
),

-- as in core.file_states, among the deliveries of the freeze alone
replacements as (
    select
        issue_key,
        business_date,
        feed,
        delivery,
        sequence
    from placed
    where mode = 'replace' and not is_undone
    group by issue_key, business_date, feed, delivery, sequence
    having bool_and(state = 'loaded')
),

last_replacements as (
    select
        issue_key,
        business_date,
        feed,
        max(sequence) as sequence
    from replacements
    group by issue_key, business_date, feed
)

select
    -- keys
    placed.issue_key,
    placed.delivery,
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
    on placed.issue_key = last_replacements.issue_key
    and placed.business_date = last_replacements.business_date
    and placed.feed = last_replacements.feed
