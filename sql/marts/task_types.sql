/*
description: 事项类型及其在公报中的类别
grain: [task_type]
owner: data_team
kind: table
columns:
  task_type: {type: VARCHAR, description: "事项类型代码", codes: task_type}
  task_type_name: {type: VARCHAR, description: "事项类型名称", nullable: false}
  class: {type: VARCHAR, description: "公报类别：licence 行政许可，public_service 公共服务，other_six 其它 6 类行权事项，空为不入类", values: {licence: 行政许可, public_service: 公共服务, other_six: 其它 6 类行权事项}}
nuance: 行政处罚、行政强制、行政检查不属任何类别。
checks: [grain_is_unique]
*/

with task_types as (
    select * from ref.task_types
)

select
    -- keys
    task_type,
    -- attributes
    task_type_name,
    class
from task_types
