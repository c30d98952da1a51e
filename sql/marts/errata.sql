/*
description: 已定稿各期的更正说明，依编号排列，永不改写
grain: [issue_key, erratum_no]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: "期号，如 2023-34"}
  erratum_no: {type: BIGINT, description: "该期更正的编号，从 1 起"}
  text: {type: VARCHAR, description: "更正说明", nullable: false}
  recorded_at: {type: TIMESTAMP, description: "记录时间（北京时间）", nullable: false}
nuance: 更正只作说明，不改已发布的数字；当时的现值与差额随说明存于湖中。
checks: [grain_is_unique]
*/

with errata as (
    select * from ledger.errata
)

select
    -- keys
    issue_key,
    erratum_no,
    -- the correction
    text,
    recorded_at
from errata
