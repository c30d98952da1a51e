/*
description: 主要数字的环比与同比，连同分子、分母和比较对象
grain: [period_kind, period, figure]
owner: data_team
kind: table
columns:
  period_kind: {type: VARCHAR, description: "周期种类：week 统计周，ytd 年累计，month 月，quarter 季", values: {week: 统计周, ytd: 年累计, month: 月, quarter: 季}}
  period: {type: VARCHAR, description: "周期：期号（周、年累计）、2023-08（月）、2023-Q3（季）"}
  figure: {type: VARCHAR, description: "数字名称，如 composite.accepted；前段为范围，后段为量"}
  period_start: {type: DATE, description: "首日", nullable: false}
  period_end: {type: DATE, description: "末日", nullable: false}
  days: {type: BIGINT, description: "日历天数", nullable: false}
  is_complete: {type: BOOLEAN, description: "本周期是否齐全", nullable: false}
  value: {type: BIGINT, description: "本周期的数", nullable: false}
  unit: {type: VARCHAR, description: "单位：人次、件", nullable: false, values: {人次: 咨询, 件: 办件}}
  previous_period: {type: VARCHAR, description: "环比的对象：上一期、上月、上季；年累计没有环比"}
  previous_days: {type: BIGINT, description: "环比对象的日历天数"}
  previous_value: {type: BIGINT, description: "环比的分母：上一周期的数；不可比时为空"}
  previous_difference: {type: BIGINT, description: "环比的分子：本周期减上一周期；不可比时为空"}
  previous_change: {type: DOUBLE, description: "环比：分子除以分母，0.1 即增长 10%；不可比或分母为 0 时为空"}
  previous_status: {type: VARCHAR, description: "环比可否：compared 可比，zero 上一周期为 0，incomplete 两者之一缺天，missing 没有上一周期的数，none 年累计没有环比", nullable: false, values: {compared: 可比, zero: 对象为 0, incomplete: 缺天, missing: 没有对象, none: 不适用}}
  year_earlier_period: {type: VARCHAR, description: "同比的对象：上年同一期次、同月、同季"}
  year_earlier_days: {type: BIGINT, description: "同比对象的日历天数"}
  year_earlier_value: {type: BIGINT, description: "同比的分母：上年同期的数；不可比时为空"}
  year_earlier_difference: {type: BIGINT, description: "同比的分子：本周期减上年同期；不可比时为空"}
  year_earlier_change: {type: DOUBLE, description: "同比：分子除以分母，0.1 即增长 10%；不可比或分母为 0 时为空"}
  year_earlier_status: {type: VARCHAR, description: "同比可否：compared 可比，zero 上年同期为 0，incomplete 两者之一缺天，missing 没有上年同期的数", nullable: false, values: {compared: 可比, zero: 对象为 0, incomplete: 缺天, missing: 没有对象}}
nuance: 周的环比与上一期比，同比与上年同一期次（如 2023-34 与 2022-34）的统计周比，不按 ISO 周；春节、国庆不出刊，同一期次的日子可相差一两周，节后一期的统计周可长达两周，天数列在旁边。年累计的同比与上年同一期次的年累计比。缺天的周期不作比较，宁缺毋误。变动率不可相加或平均，合并时须由分子、分母重算。
checks: [grain_is_unique]
*/

with period_figures as (
    select * from marts.period_figures
),

periods as (
    select * from core.periods
),

beside as (
    select
        period_figures.period_kind,
        period_figures.period,
        period_figures.figure,
        period_figures.period_start,
        period_figures.period_end,
        period_figures.days,
        period_figures.is_complete,
        period_figures.value,
        period_figures.unit,
        periods.previous_period,
        previous.days as previous_days,
        previous.value as previous_value,
        case
            when period_figures.period_kind = 'ytd' then 'none'
            when previous.value is null then 'missing'
            when not period_figures.is_complete or not previous.is_complete then 'incomplete'
            when previous.value = 0 then 'zero'
            else 'compared'
        end as previous_status,
        periods.year_earlier_period,
        year_earlier.days as year_earlier_days,
        year_earlier.value as year_earlier_value,
        case
            when year_earlier.value is null then 'missing'
            when not period_figures.is_complete or not year_earlier.is_complete then 'incomplete'
            when year_earlier.value = 0 then 'zero'
            else 'compared'
        end as year_earlier_status
    from period_figures
    inner join periods
        on period_figures.period_kind = periods.period_kind
        and period_figures.period = periods.period
    left join period_figures as previous
        on period_figures.period_kind = previous.period_kind
        and periods.previous_period = previous.period
        and period_figures.figure = previous.figure
    left join period_figures as year_earlier
        on period_figures.period_kind = year_earlier.period_kind
        and periods.year_earlier_period = year_earlier.period
        and period_figures.figure = year_earlier.figure
),

-- a number of other days is no base: only whole periods are subtracted
comparable as (
    select
        period_kind,
        period,
        figure,
        period_start,
        period_end,
        days,
        is_complete,
        value,
        unit,
        previous_period,
        previous_days,
        case when previous_status in ('compared', 'zero') then previous_value end as previous_value,
        previous_status,
        year_earlier_period,
        year_earlier_days,
        case when year_earlier_status in ('compared', 'zero') then year_earlier_value end as year_earlier_value,
        year_earlier_status
    from beside
)

select
    -- keys
    period_kind,
    period,
    figure,
    -- the figure and what it covers
    period_start,
    period_end,
    days,
    is_complete,
    value,
    unit,
    -- against the period before: 环比
    previous_period,
    previous_days,
    previous_value,
    cast(value - previous_value as bigint) as previous_difference,
    cast(value - previous_value as double) / nullif(previous_value, 0) as previous_change,
    previous_status,
    -- against the same period a year earlier: 同比
    year_earlier_period,
    year_earlier_days,
    year_earlier_value,
    cast(value - year_earlier_value as bigint) as year_earlier_difference,
    cast(value - year_earlier_value as double) / nullif(year_earlier_value, 0) as year_earlier_change,
    year_earlier_status
from comparable
