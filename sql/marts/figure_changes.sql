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
  working_days: {type: BIGINT, description: "工作日数，含周末补班；有一天不知是否工作日的为空"}
  is_complete: {type: BOOLEAN, description: "本周期是否齐全", nullable: false}
  festival: {type: VARCHAR, description: "统计周内的节日：春节、国庆节；没有的及其他种类的周期为空"}
  value: {type: BIGINT, description: "本周期的数", nullable: false}
  unit: {type: VARCHAR, description: "单位：人次、件", nullable: false, values: {人次: 咨询, 件: 办件}}
  per_day: {type: DOUBLE, description: "每个日历日的平均数；不齐全的为空"}
  per_working_day: {type: DOUBLE, description: "每个工作日的平均数；不齐全或工作日数不知的为空"}
  previous_period: {type: VARCHAR, description: "环比的对象：上一期、上月、上季；年累计没有环比"}
  previous_days: {type: BIGINT, description: "环比对象的日历天数"}
  previous_working_days: {type: BIGINT, description: "环比对象的工作日数"}
  previous_value: {type: BIGINT, description: "环比的分母：环比对象的数；不可比时为空"}
  previous_difference: {type: BIGINT, description: "环比的分子：本周期的数减去分母；不可比时为空"}
  previous_change: {type: DOUBLE, description: "环比：分子除以分母，0.1 即增长 10%；不可比或分母为 0 时为空"}
  previous_status: {type: VARCHAR, description: "环比可否：compared 可比，zero 对象为 0，different_days 天数不同，festival 只有一边含春节或国庆节（或两边节日不同），no_days 有一边只有期初数、没有逐日数字，incomplete 有一边缺天，missing 没有对象的数，none 年累计没有环比", nullable: false, values: {compared: 可比, zero: 对象为 0, different_days: 天数不同, festival: 节日错位, no_days: 没有逐日数字, incomplete: 缺天, missing: 没有对象, none: 不适用}}
  previous_per_day: {type: DOUBLE, description: "环比对象每个日历日的平均数；两边都齐全时才有"}
  previous_per_day_change: {type: DOUBLE, description: "每个日历日平均数的环比，天数不同时用它；两边都齐全时才有，对象为 0 时为空"}
  previous_per_working_day: {type: DOUBLE, description: "环比对象每个工作日的平均数；两边都齐全时才有"}
  previous_per_working_day_change: {type: DOUBLE, description: "每个工作日平均数的环比；两边都齐全时才有，对象为 0 时为空"}
  year_earlier_period: {type: VARCHAR, description: "同比的对象：上年同一期次、同月、同季；年累计为上年 1 月 1 日至同日，写作该日"}
  year_earlier_days: {type: BIGINT, description: "同比对象的日历天数"}
  year_earlier_working_days: {type: BIGINT, description: "同比对象的工作日数"}
  year_earlier_value: {type: BIGINT, description: "同比的分母：同比对象的数；不可比时为空"}
  year_earlier_difference: {type: BIGINT, description: "同比的分子：本周期的数减去分母；不可比时为空"}
  year_earlier_change: {type: DOUBLE, description: "同比：分子除以分母，0.1 即增长 10%；不可比或分母为 0 时为空"}
  year_earlier_status: {type: VARCHAR, description: "同比可否：compared 可比，zero 对象为 0，different_days 天数不同，festival 只有一边含春节或国庆节（或两边节日不同），no_days 有一边只有期初数、没有逐日数字，incomplete 有一边缺天，missing 没有对象的数", nullable: false, values: {compared: 可比, zero: 对象为 0, different_days: 天数不同, festival: 节日错位, no_days: 没有逐日数字, incomplete: 缺天, missing: 没有对象}}
  year_earlier_per_day: {type: DOUBLE, description: "同比对象每个日历日的平均数；两边都齐全时才有"}
  year_earlier_per_day_change: {type: DOUBLE, description: "每个日历日平均数的同比，天数不同时用它；两边都齐全时才有，对象为 0 时为空"}
  year_earlier_per_working_day: {type: DOUBLE, description: "同比对象每个工作日的平均数；两边都齐全时才有"}
  year_earlier_per_working_day_change: {type: DOUBLE, description: "每个工作日平均数的同比；两边都齐全时才有，对象为 0 时为空"}
  festival_period: {type: VARCHAR, description: "节日对齐的对象：上年含同一节日的统计周；本周期没有节日的为空"}
  festival_days: {type: BIGINT, description: "节日对齐对象的日历天数"}
  festival_working_days: {type: BIGINT, description: "节日对齐对象的工作日数"}
  festival_value: {type: BIGINT, description: "节日对齐的同比的分母：节日对齐对象的数；不可比时为空"}
  festival_difference: {type: BIGINT, description: "节日对齐的同比的分子：本周期的数减去分母；不可比时为空"}
  festival_change: {type: DOUBLE, description: "节日对齐的同比：分子除以分母，0.1 即增长 10%；不可比或分母为 0 时为空"}
  festival_status: {type: VARCHAR, description: "节日对齐的同比可否：compared 可比，zero 对象为 0，different_days 天数不同，festival 只有一边含春节或国庆节（或两边节日不同），no_days 有一边只有期初数、没有逐日数字，incomplete 有一边缺天，missing 没有对象的数，none 本周期没有春节、国庆节", nullable: false, values: {compared: 可比, zero: 对象为 0, different_days: 天数不同, festival: 节日错位, no_days: 没有逐日数字, incomplete: 缺天, missing: 没有对象, none: 不适用}}
  festival_per_day: {type: DOUBLE, description: "节日对齐对象每个日历日的平均数；两边都齐全时才有"}
  festival_per_day_change: {type: DOUBLE, description: "每个日历日平均数的节日对齐的同比，天数不同时用它；两边都齐全时才有，对象为 0 时为空"}
  festival_per_working_day: {type: DOUBLE, description: "节日对齐对象每个工作日的平均数；两边都齐全时才有"}
  festival_per_working_day_change: {type: DOUBLE, description: "每个工作日平均数的节日对齐的同比；两边都齐全时才有，对象为 0 时为空"}
nuance: 只有状态为 compared 的比率可以引用。周的环比与上一期比，同比与上年同一期次（如 2023-34 与 2022-34）的统计周比，不按 ISO 周；只有一边含春节或国庆节的不可比，另与上年含同一节日的统计周比。年累计的同比与上年 1 月 1 日至同一日历日比（2 月 29 日与 2 月 28 日），不按期次。天数不同的不作比较，看日均：日均是各自的数除以各自的天数。缺天的周期不作比较，宁缺毋误。变动率不可相加或平均，合并时须由分子、分母重算。
checks: [grain_is_unique]
*/

with period_figures as (
    select * from marts.period_figures
),

periods as (
    select * from core.periods
),

-- each period with what it is compared with, once for each kind of comparison
pairs as (
    select
        'previous' as comparison,
        period_kind,
        period,
        period_kind as other_kind,
        previous_period as other_period,
        period_kind <> 'ytd' as is_made
    from periods
    union all
    select
        'year_earlier' as comparison,
        period_kind,
        period,
        year_earlier_kind as other_kind,
        year_earlier_period as other_period,
        true as is_made
    from periods
    union all
    select
        'festival' as comparison,
        period_kind,
        period,
        period_kind as other_kind,
        festival_period as other_period,
        festival is not null as is_made
    from periods
),

judged as (
    select
        pairs.comparison,
        pairs.period_kind,
        pairs.period,
        period_figures.figure,
        period_figures.value,
        period_figures.days,
        own.working_days,
        pairs.other_period,
        other.days as other_days,
        other.working_days as other_working_days,
        other_figures.value as other_value,
        case
            when not pairs.is_made then 'none'
            when other.period is null then 'missing'
            when own.is_opening_only or other.is_opening_only then 'no_days'
            when other_figures.value is null then 'missing'
            when not own.is_complete or not other.is_complete then 'incomplete'
            when own.festival is distinct from other.festival then 'festival'
            when own.days <> other.days then 'different_days'
            when other_figures.value = 0 then 'zero'
            else 'compared'
        end as status
    from pairs
    inner join periods as own
        on pairs.period_kind = own.period_kind
        and pairs.period = own.period
    inner join period_figures
        on pairs.period_kind = period_figures.period_kind
        and pairs.period = period_figures.period
    left join periods as other
        on pairs.other_kind = other.period_kind
        and pairs.other_period = other.period
    left join period_figures as other_figures
        on pairs.other_kind = other_figures.period_kind
        and pairs.other_period = other_figures.period
        and period_figures.figure = other_figures.figure
),

-- only whole periods of the same length are subtracted; of periods of different lengths the averages are compared
bases as (
    select
        comparison,
        period_kind,
        period,
        figure,
        value,
        days,
        working_days,
        other_period,
        other_days,
        other_working_days,
        case when status in ('compared', 'zero') then other_value end as base,
        case when status in ('compared', 'zero', 'different_days', 'festival') then cast(other_value as double) end as other_total,
        status
    from judged
),

compared as (
    select
        comparison,
        period_kind,
        period,
        figure,
        other_period,
        other_days,
        other_working_days,
        base,
        cast(value - base as bigint) as difference,
        cast(value - base as double) / nullif(base, 0) as change,
        status,
        other_total / other_days as per_day,
        -- multiplied crosswise, so that equal averages give exactly 0
        (value * other_days - other_total * days) / nullif(other_total * days, 0) as per_day_change,
        other_total / nullif(other_working_days, 0) as per_working_day,
        (value * other_working_days - other_total * working_days)
            / nullif(other_total * working_days, 0) as per_working_day_change
    from bases
)

select
    -- keys
    period_figures.period_kind,
    period_figures.period,
    period_figures.figure,
    -- the figure and what it covers
    period_figures.period_start,
    period_figures.period_end,
    period_figures.days,
    own.working_days,
    period_figures.is_complete,
    own.festival,
    period_figures.value,
    period_figures.unit,
    case when period_figures.is_complete then cast(period_figures.value as double) / period_figures.days end as per_day,
    case
        when period_figures.is_complete
            then cast(period_figures.value as double) / nullif(own.working_days, 0)
    end as per_working_day,
    -- against the period before: 环比
    previous.other_period as previous_period,
    previous.other_days as previous_days,
    previous.other_working_days as previous_working_days,
    previous.base as previous_value,
    previous.difference as previous_difference,
    previous.change as previous_change,
    previous.status as previous_status,
    previous.per_day as previous_per_day,
    previous.per_day_change as previous_per_day_change,
    previous.per_working_day as previous_per_working_day,
    previous.per_working_day_change as previous_per_working_day_change,
    -- against the same period a year earlier: 同比
    year_earlier.other_period as year_earlier_period,
    year_earlier.other_days as year_earlier_days,
    year_earlier.other_working_days as year_earlier_working_days,
    year_earlier.base as year_earlier_value,
    year_earlier.difference as year_earlier_difference,
    year_earlier.change as year_earlier_change,
    year_earlier.status as year_earlier_status,
    year_earlier.per_day as year_earlier_per_day,
    year_earlier.per_day_change as year_earlier_per_day_change,
    year_earlier.per_working_day as year_earlier_per_working_day,
    year_earlier.per_working_day_change as year_earlier_per_working_day_change,
    -- against the week of the same festival a year earlier
    festival.other_period as festival_period,
    festival.other_days as festival_days,
    festival.other_working_days as festival_working_days,
    festival.base as festival_value,
    festival.difference as festival_difference,
    festival.change as festival_change,
    festival.status as festival_status,
    festival.per_day as festival_per_day,
    festival.per_day_change as festival_per_day_change,
    festival.per_working_day as festival_per_working_day,
    festival.per_working_day_change as festival_per_working_day_change
from period_figures
inner join periods as own
    on period_figures.period_kind = own.period_kind
    and period_figures.period = own.period
inner join compared as previous
    on period_figures.period_kind = previous.period_kind
    and period_figures.period = previous.period
    and period_figures.figure = previous.figure
    and previous.comparison = 'previous'
inner join compared as year_earlier
    on period_figures.period_kind = year_earlier.period_kind
    and period_figures.period = year_earlier.period
    and period_figures.figure = year_earlier.figure
    and year_earlier.comparison = 'year_earlier'
inner join compared as festival
    on period_figures.period_kind = festival.period_kind
    and period_figures.period = festival.period
    and period_figures.figure = festival.figure
    and festival.comparison = 'festival'
where period_figures.period_kind <> 'to_date'
