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
  是否齐全: {type: BOOLEAN, description: 每天的数据都齐全为是}
  数值: {type: BIGINT, description: 本周期的数}
  单位: {type: VARCHAR, description: 人次或件}
  工作日数: {type: BIGINT, description: 工作日数，含周末补班}
  日均: {type: DOUBLE, description: 每个日历日的平均数；不齐全的为空}
  工作日均: {type: DOUBLE, description: 每个工作日的平均数；不齐全的为空}
  节日: {type: VARCHAR, description: 统计周内的春节、国庆节；没有的为空}
  环比对象: {type: VARCHAR, description: 上一期、上月或上季}
  环比对象天数: {type: BIGINT, description: 环比对象的日历天数}
  环比基数: {type: BIGINT, description: 环比对象的数，即分母；不可比时为空}
  环比增减: {type: BIGINT, description: 本周期减环比对象，即分子；不可比时为空}
  环比: {type: DOUBLE, description: 增减除以基数，0.1 即增长 10%；不可比或基数为 0 时为空}
  环比说明: {type: VARCHAR, description: 可比，或不可比的原因}
  环比日均变动: {type: DOUBLE, description: 每个日历日平均数的变动率，天数不同时看它；两边都齐全时才有}
  环比工作日均变动: {type: DOUBLE, description: 每个工作日平均数的变动率；两边都齐全时才有}
  同比对象: {type: VARCHAR, description: 上年同一期次、同月或同季；年累计为上年同日}
  同比对象天数: {type: BIGINT, description: 同比对象的日历天数}
  同比基数: {type: BIGINT, description: 同比对象的数，即分母；不可比时为空}
  同比增减: {type: BIGINT, description: 本周期减同比对象，即分子；不可比时为空}
  同比: {type: DOUBLE, description: 增减除以基数，0.1 即增长 10%；不可比或基数为 0 时为空}
  同比说明: {type: VARCHAR, description: 可比，或不可比的原因}
  同比日均变动: {type: DOUBLE, description: 每个日历日平均数的变动率，天数不同时看它；两边都齐全时才有}
  同比工作日均变动: {type: DOUBLE, description: 每个工作日平均数的变动率；两边都齐全时才有}
  节日对象: {type: VARCHAR, description: 上年含同一节日的统计周}
  节日对象天数: {type: BIGINT, description: 节日对象的日历天数}
  节日同比基数: {type: BIGINT, description: 节日对象的数，即分母；不可比时为空}
  节日同比增减: {type: BIGINT, description: 本周期减节日对象，即分子；不可比时为空}
  节日同比: {type: DOUBLE, description: 增减除以基数，0.1 即增长 10%；不可比或基数为 0 时为空}
  节日同比说明: {type: VARCHAR, description: 可比，或不可比的原因}
  节日同比日均变动: {type: DOUBLE, description: 每个日历日平均数的变动率，天数不同时看它；两边都齐全时才有}
  节日同比工作日均变动: {type: DOUBLE, description: 每个工作日平均数的变动率；两边都齐全时才有}
nuance: 只引用说明为“可比”的比率。周的同比是与上年同一期次的统计周比，年累计是与上年同日的累计比；天数不同的没有比率，看日均变动；含春节、国庆节的周看节日同比。变动率不可相加或平均。省本级综窗与按类别的数是不同范围，不可相加。
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
    figure_changes.working_days as "工作日数",
    figure_changes.per_day as "日均",
    figure_changes.per_working_day as "工作日均",
    figure_changes.festival as "节日",
    -- against the period before
    figure_changes.previous_period as "环比对象",
    figure_changes.previous_days as "环比对象天数",
    figure_changes.previous_value as "环比基数",
    figure_changes.previous_difference as "环比增减",
    figure_changes.previous_change as "环比",
    coalesce(previous.code_name, figure_changes.previous_status) as "环比说明",
    figure_changes.previous_per_day_change as "环比日均变动",
    figure_changes.previous_per_working_day_change as "环比工作日均变动",
    -- against the same period a year earlier
    figure_changes.year_earlier_period as "同比对象",
    figure_changes.year_earlier_days as "同比对象天数",
    figure_changes.year_earlier_value as "同比基数",
    figure_changes.year_earlier_difference as "同比增减",
    figure_changes.year_earlier_change as "同比",
    coalesce(year_earlier.code_name, figure_changes.year_earlier_status) as "同比说明",
    figure_changes.year_earlier_per_day_change as "同比日均变动",
    figure_changes.year_earlier_per_working_day_change as "同比工作日均变动",
    -- against the week of the same festival a year earlier
    figure_changes.festival_period as "节日对象",
    figure_changes.festival_days as "节日对象天数",
    figure_changes.festival_value as "节日同比基数",
    figure_changes.festival_difference as "节日同比增减",
    figure_changes.festival_change as "节日同比",
    coalesce(festivals.code_name, figure_changes.festival_status) as "节日同比说明",
    figure_changes.festival_per_day_change as "节日同比日均变动",
    figure_changes.festival_per_working_day_change as "节日同比工作日均变动"
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
left join codes as festivals
    on festivals.code_list = 'change_status'
    and figure_changes.festival_status = festivals.code
