/*
description: 已发布数字与现值不同之处
grain: [issue_key, figure]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: "期号，如 2023-34"}
  figure: {type: VARCHAR, description: "数字名称"}
  published_value: {type: DOUBLE, description: "发布时的数值"}
  current_value: {type: DOUBLE, description: "现值"}
  difference: {type: DOUBLE, description: "现值减发布值"}
  first_seen_at: {type: TIMESTAMP, description: "冻结之后首批到达的时间"}
  deliveries: {type: VARCHAR, description: "冻结之后到达的批次，逗号分隔"}
nuance: 已发布的数字永不改写，差异在此说明。
checks: [grain_is_unique]
*/

with published_figures as (
    select * from marts.published_figures
),

bulletin_figures as (
    select * from marts.bulletin_figures
),

deliveries as (
    select * from ledger.deliveries
),

changed as (
    select
        published_figures.issue_key,
        published_figures.figure,
        published_figures.value as published_value,
        bulletin_figures.value as current_value,
        published_figures.frozen_at
    from published_figures
    left join bulletin_figures
        on published_figures.issue_key = bulletin_figures.issue_key
        and published_figures.figure = bulletin_figures.figure
    where bulletin_figures.value is distinct from published_figures.value
)

select
    -- keys
    changed.issue_key,
    changed.figure,
    -- the revision
    changed.published_value,
    changed.current_value,
    changed.current_value - changed.published_value as difference,
    min(deliveries.received_at) as first_seen_at,
    string_agg(deliveries.delivery, ',' order by deliveries.delivery) as deliveries
from changed
left join deliveries
    on deliveries.received_at >= changed.frozen_at
group by
    changed.issue_key,
    changed.figure,
    changed.published_value,
    changed.current_value
