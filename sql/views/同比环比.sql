/*
description: 主要数字各周、月、季的环比、同比与年累计的同比，供直接查阅
grain: [周期, 期别, 指标编码]
owner: data_team
kind: view
columns:
  周期: {type: VARCHAR, description: 周、年累计、月、季}
  期别: {type: VARCHAR, description: 期号（周、年累计）、月份或季度}
  指标编码: {type: VARCHAR, description: 数字名称，如 composite.accepted}
  指标: {type: VARCHAR, description: 数字的中文名称}
  起始日期: {type: DATE, description: 首日}
  截止日期: {type: DATE, description: 末日}
  天数: {type: BIGINT, description: 日历天数}
  是否齐全: {type: BOOLEAN, description: 每天都有数据为是}
  数值: {type: BIGINT, description: 本周期的数}
  单位: {type: VARCHAR, description: 人次或件}
  环比对象: {type: VARCHAR, description: 上一期、上月或上季}
  环比对象天数: {type: BIGINT, description: 环比对象的日历天数}
  环比基数: {type: BIGINT, description: 环比对象的数，即分母；不可比时为空}
  环比增减: {type: BIGINT, description: 本周期减环比对象，即分子；不可比时为空}
  环比: {type: DOUBLE, description: 增减除以基数，0.1 即增长 10%；不可比或基数为 0 时为空}
  环比说明: {type: VARCHAR, description: 可比，或不可比的原因}
  同比对象: {type: VARCHAR, description: 上年同一期次、同月或同季}
  同比对象天数: {type: BIGINT, description: 同比对象的日历天数}
  同比基数: {type: BIGINT, description: 同比对象的数，即分母；不可比时为空}
  同比增减: {type: BIGINT, description: 本周期减同比对象，即分子；不可比时为空}
  同比: {type: DOUBLE, description: 增减除以基数，0.1 即增长 10%；不可比或基数为 0 时为空}
  同比说明: {type: VARCHAR, description: 可比，或不可比的原因}
nuance: 周的同比是与上年同一期次的统计周比；各周天数不一，看天数。变动率不可相加或平均。省本级综窗与按类别的数是不同范围，不可相加。
checks: []
*/

with figure_changes as (
    select * from marts.figure_changes
),

codes as (
    select * from marts.codes
)

select
    -- keys
    coalesce(kinds.code_name, figure_changes.period_kind) as "周期",
    figure_changes.period as "期别",
    figure_changes.figure as "指标编码",
    -- the figure and what it covers
    coalesce(names.code_name, figure_changes.figure) as "指标",
    figure_changes.period_start as "起始日期",
    figure_changes.period_end as "截止日期",
    figure_changes.days as "天数",
    figure_changes.is_complete as "是否齐全",
    figure_changes.value as "数值",
    figure_changes.unit as "单位",
    -- against the period before
    figure_changes.previous_period as "环比对象",
    figure_changes.previous_days as "环比对象天数",
    figure_changes.previous_value as "环比基数",
    figure_changes.previous_difference as "环比增减",
    figure_changes.previous_change as "环比",
    coalesce(previous.code_name, figure_changes.previous_status) as "环比说明",
    -- against the same period a year earlier
    figure_changes.year_earlier_period as "同比对象",
    figure_changes.year_earlier_days as "同比对象天数",
    figure_changes.year_earlier_value as "同比基数",
    figure_changes.year_earlier_difference as "同比增减",
    figure_changes.year_earlier_change as "同比",
    coalesce(year_earlier.code_name, figure_changes.year_earlier_status) as "同比说明"
from figure_changes
left join codes as kinds
    on kinds.code_list = 'period_kind'
    and figure_changes.period_kind = kinds.code
left join codes as names
    on names.code_list = 'period_figure'
    and figure_changes.figure = names.code
left join codes as previous
    on previous.code_list = 'change_status'
    and figure_changes.previous_status = previous.code
left join codes as year_earlier
    on year_earlier.code_list = 'change_status'
    and figure_changes.year_earlier_status = year_earlier.code
