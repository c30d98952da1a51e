/*
description: 被隔离的主键在其后的批次里又送来的版本：哪一种、哪个主键、哪一批
grain: [feed, record_key, delivery]
owner: data_team
kind: merge
columns:
  feed: {type: VARCHAR, description: 数据种类}
  record_key: {type: VARCHAR, description: 记录的主键；流转为办件编号与环节序号，以 / 相连}
  delivery: {type: VARCHAR, description: 送来该版本的批次}
nuance: 被替换批次撤下的版本也在内。整件隔离的文件，能读出全部主键的，其主键也在内；主键不宜保存的不在内。
checks: [grain_is_unique]
*/

with refusals as (
    select * from ledger.refusals
),

deliveries as (
    select * from ledger.deliveries
),

counted as (
    select * from core.versions
),

handbook as (
    select * from lake.handbook
),

versions as (
    select
        feed,
        record_key,
        delivery
    from counted
    union all
    select
        'handbook' as feed,
        task_handle_item as record_key,
        delivery
    from handbook
)

select distinct
    versions.feed,
    versions.record_key,
    versions.delivery
from refusals
inner join deliveries
    on refusals.delivery = deliveries.delivery
inner join versions
    on refusals.feed = versions.feed
    and refusals.record_key = versions.record_key
inner join deliveries as later
    on versions.delivery = later.delivery
    and (later.business_date, later.sequence) > (deliveries.business_date, deliveries.sequence)
