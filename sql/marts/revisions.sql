/*
description: 已发布数字与现值不同之处
grain: [issue_key, figure]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: "期号，如 2023-34"}
  figure: {type: VARCHAR, description: "数字名称"}
  published_value: {type: DOUBLE, description: "发布时的数值", nullable: false}
  current_value: {type: DOUBLE, description: "现值"}
  difference: {type: DOUBLE, description: "现值减发布值"}
  first_seen_at: {type: TIMESTAMP, description: "引起变动的批次中最早的入库时间，撤回的为撤回时间；不由批次引起的为空"}
  deliveries: {type: VARCHAR, description: "引起变动的批次，逗号分隔；重装的期初数写作 opening_<yyyymmdd>", nullable: false}
nuance: 已发布的数字永不改写，差异在此说明；改回原值的不再列。deliveries 为空串的，由口径、期历设置或程序版本的变动引起，不由新数据引起。
checks: [grain_is_unique]
*/

with changed_figures as (
    select * from history.changed_figures
),

count_changes as (
    select * from history.count_changes
),

handbook_changes as (
    select * from history.handbook_changes
),

opening_changes as (
    select * from history.opening_changes
),

deliveries as (
    select * from ledger.deliveries
),

withdrawals as (
    select * from ledger.withdrawals
),

causes as (
    select issue_key, figure, delivery
    from count_changes
    union all
    select issue_key, figure, delivery
    from handbook_changes
    union all
    select issue_key, figure, delivery
    from opening_changes
),

seen as (
    select
        causes.issue_key,
        causes.figure,
        min(coalesce(withdrawals.withdrawn_at, deliveries.received_at)) as first_seen_at,
        string_agg(causes.delivery, ',' order by causes.delivery) as deliveries
    from causes
    left join deliveries
        on causes.delivery = deliveries.delivery
    left join withdrawals
        on causes.delivery = withdrawals.delivery
    group by causes.issue_key, causes.figure
)

select
    -- keys
    changed_figures.issue_key,
    changed_figures.figure,
    -- the revision
    changed_figures.published_value,
    changed_figures.current_value,
    changed_figures.difference,
    seen.first_seen_at,
    coalesce(seen.deliveries, '') as deliveries
from changed_figures
left join seen
    on changed_figures.issue_key = seen.issue_key
    and changed_figures.figure = seen.figure
