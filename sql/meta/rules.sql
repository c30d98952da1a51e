/*
description: 现行的口径与期历规则，即本单位的设置
grain: [rule]
owner: data_team
kind: table
columns:
  rule: {type: VARCHAR, description: "规则，与 zhoubao.toml 中的写法一致，如 counting.uncounted_result_types"}
  value: {type: VARCHAR, description: "现行的值；几个值以英文逗号相连，没有的为空串", nullable: false}
  description: {type: VARCHAR, description: "规则的含义", nullable: false}
nuance: 本版各数即按此计；改了设置，下次运行发布后才生效并改写本表。已定稿的数字按定稿时的规则。
checks: [grain_is_unique]
*/

with rules as (
    select * from ref.rules
)

select
    -- keys
    rule,
    -- what it says
    value,
    description
from rules
