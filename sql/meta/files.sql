/*
description: 每个数据文件的账：记录数 = 入库 + 取代 + 隔离
grain: [delivery, file]
owner: data_team
kind: table
columns:
  delivery: {type: VARCHAR, description: "交付批次"}
  file: {type: VARCHAR, description: "文件名"}
  feed: {type: VARCHAR, description: "数据种类", nullable: false}
  sha256: {type: VARCHAR, description: "文件的 SHA-256", nullable: false}
  bytes: {type: BIGINT, description: "字节数", nullable: false}
  format: {type: VARCHAR, description: "格式"}
  encoding: {type: VARCHAR, description: "编码，工作簿为空"}
  records: {type: BIGINT, description: "记录数，不含表头", nullable: false}
  loaded: {type: BIGINT, description: "入库数", nullable: false}
  superseded: {type: BIGINT, description: "被同文件中同键的更新记录取代数", nullable: false}
  quarantined: {type: BIGINT, description: "隔离数", nullable: false}
  state: {type: VARCHAR, description: "loaded 计入，quarantined 整件隔离，withdrawn 被替换或撤回", nullable: false, values: {loaded: 计入, quarantined: 整件隔离, withdrawn: 被替换或撤回}}
checks: [grain_is_unique]
*/

with files as (
    select * from ledger.files
),

file_states as (
    select * from core.file_states
)

select
    -- keys
    files.delivery,
    files.file,
    -- the file
    files.feed,
    files.sha256,
    files.bytes,
    files.format,
    files.encoding,
    -- its account
    files.records,
    files.loaded,
    files.superseded,
    files.quarantined,
    file_states.state
from files
inner join file_states
    on files.delivery = file_states.delivery
    and files.file_index = file_states.file_index
