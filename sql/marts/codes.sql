/*
description: 本库所用各代码的含义，供连接取名
grain: [code_list, code]
owner: data_team
kind: table
columns:
  code_list: {type: VARCHAR, description: "代码表，如 org_level、task_type、reason_code"}
  code: {type: VARCHAR, description: "代码，各表相应列中的值"}
  code_name: {type: VARCHAR, description: "含义", nullable: false}
  list_name: {type: VARCHAR, description: "代码表名称", nullable: false}
nuance: 连接时须指定 code_list，同一代码在不同代码表中含义不同。
checks: [grain_is_unique]
*/

with codes as (
    select * from ref.codes
)

select
    -- keys
    code_list,
    code,
    -- words
    code_name,
    list_name
from codes
