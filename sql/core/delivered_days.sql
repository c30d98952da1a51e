/*
description: 有数据入库的业务日期
grain: [business_date]
owner: data_team
kind: table
columns:
  business_date: {type: DATE, description: 业务日期}
checks: [grain_is_unique]
*/

with file_states as (
    select * from core.file_states
)

select distinct business_date
from file_states
where state in ('loaded', 'withdrawn')
