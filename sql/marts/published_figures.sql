/*
description: 已发布并冻结的公报数字，永不改写
grain: [issue_key, figure]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: "期号，如 2023-34"}
  figure: {type: VARCHAR, description: "数字名称"}
  value: {type: DOUBLE, description: "发布时的数值", nullable: false}
  frozen_at: {type: TIMESTAMP, description: "冻结时间（北京时间）", nullable: false}
  code_version: {type: VARCHAR, description: "冻结时的程序版本", nullable: false}
checks: [grain_is_unique]
*/

with frozen_figures as (
    select * from ledger.frozen_figures
)

select
    -- keys
    issue_key,
    figure,
    -- what was published
    value,
    frozen_at,
    code_version
from frozen_figures
