/*
description: 每个文件中入库时给出的提示：多少行的哪一列被读作空值或按“未知”“其他”计，或文件本身可疑；不含任何值
grain: [delivery, file, column_name, reason_code]
owner: data_team
kind: table
columns:
  delivery: {type: VARCHAR, description: "交付批次"}
  file: {type: VARCHAR, description: "文件名"}
  column_name: {type: VARCHAR, description: "所涉的列；涉及整个文件的为空串"}
  reason_code: {type: VARCHAR, description: "提示代码"}
  reason: {type: VARCHAR, description: "提示", nullable: false}
  rows: {type: BIGINT, description: "所涉行数；unknown_column 为接口之外的列数", nullable: false}
  who_fixes: {type: VARCHAR, description: "由谁更正", nullable: false}
nuance: 有提示的行照常计入，与隔离的记录（meta.quarantine）无关。
checks: [grain_is_unique]
*/

with warnings as (
    select * from ledger.warnings
),

reasons as (
    select * from ref.reasons
)

select
    -- keys
    warnings.delivery,
    warnings.file,
    warnings.column_name,
    warnings.reason_code,
    -- what was found
    reasons.reason,
    warnings.row_count as rows,
    reasons.who_fixes
from warnings
inner join reasons
    on warnings.reason_code = reasons.reason_code
