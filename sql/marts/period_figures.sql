/*
description: 主要数字的走势：每个周期（周、年累计、月、季）一个数，及年累计同比所比的年初至某日
grain: [period_kind, period, figure]
owner: data_team
kind: table
columns:
  period_kind: {type: VARCHAR, description: "周期种类：week 统计周，ytd 年累计，month 月，quarter 季，to_date 年初至某日（年累计同比的对象）", values: {week: 统计周, ytd: 年累计, month: 月, quarter: 季, to_date: 年初至某日}}
  period: {type: VARCHAR, description: "周期：期号（周、年累计）、2023-08（月）、2023-Q3（季）、2023-08-25（年初至该日）"}
  figure: {type: VARCHAR, description: "数字名称，如 composite.accepted；前段为范围，后段为量"}
  period_start: {type: DATE, description: "首日", nullable: false}
  period_end: {type: DATE, description: "末日", nullable: false}
  days: {type: BIGINT, description: "日历天数", nullable: false}
  days_delivered: {type: BIGINT, description: "其中数据齐全的天数；年累计的期初数算作其所含各日", nullable: false}
  is_complete: {type: BOOLEAN, description: "是否齐全：每天的数据都齐全", nullable: false}
  value: {type: BIGINT, description: "数值", nullable: false}
  unit: {type: VARCHAR, description: "单位：人次、件", nullable: false, values: {人次: 咨询, 件: 办件}}
nuance: composite 为省本级综窗（层级 2 且综窗）；licence、public_service、other_six 为省级（层级 2）全部，两者不可相加。is_complete 为否的数字不全。同一日子在周、月、季、年累计里各计一次，不同种类的周期不可相加。to_date 只列年累计同比所用的日子：上年 1 月 1 日至同一日历日，该年有期初数的含期初数；落在期初数之内的日子没有行。
checks: [grain_is_unique]
*/

with weekly_counts as (
    select * from marts.weekly_counts
),

cumulative_counts as (
    select * from marts.cumulative_counts
),

daily_counts as (
    select * from marts.daily_counts
),

opening_balances as (
    select * from marts.opening_balances
),

monthly_counts as (
    select * from marts.monthly_counts
),

quarterly_counts as (
    select * from marts.quarterly_counts
),

task_types as (
    select * from marts.task_types
),

all_periods as (
    select * from core.periods
),

-- up to a day that an opening covers, the number is not known
periods as (
    select
        period_kind,
        period,
        period_start,
        period_end,
        days,
        days_delivered,
        is_complete
    from all_periods
    where period_kind <> 'to_date' or not is_opening_only
),

-- summed by day first, since each date reads every day of its year so far
daily as (
    select
        event_date,
        task_type,
        is_composite,
        sum(consulted) as consulted,
        sum(accepted) as accepted,
        sum(completed) as completed,
        sum(issued) as issued,
        sum(transferred) as transferred
    from daily_counts
    where org_level = '2'
    group by event_date, task_type, is_composite
),

to_dates as (
    select
        periods.period,
        periods.period_start,
        periods.period_end,
        max(opening_balances.as_of) as as_of
    from periods
    left join opening_balances
        on opening_balances.as_of >= periods.period_start
        and opening_balances.as_of < periods.period_end
    where periods.period_kind = 'to_date'
    group by periods.period, periods.period_start, periods.period_end
),

-- 省级: everything counted here is of the province's own level
provincial as (
    select 'week' as period_kind, issue_key as period, task_type, is_composite, consulted, accepted, completed, issued, transferred
    from weekly_counts
    where org_level = '2'
    union all
    select 'ytd', issue_key, task_type, is_composite, consulted, accepted, completed, issued, transferred
    from cumulative_counts
    where org_level = '2'
    union all
    select 'month', month, task_type, is_composite, consulted, accepted, completed, issued, transferred
    from monthly_counts
    where org_level = '2'
    union all
    select 'quarter', quarter, task_type, is_composite, consulted, accepted, completed, issued, transferred
    from quarterly_counts
    where org_level = '2'
    union all
    select
        'to_date',
        to_dates.period,
        daily.task_type,
        daily.is_composite,
        daily.consulted,
        daily.accepted,
        daily.completed,
        daily.issued,
        daily.transferred
    from to_dates
    inner join daily
        on daily.event_date >= coalesce(to_dates.as_of + 1, to_dates.period_start)
        and daily.event_date < to_dates.period_end + 1
    union all
    select
        'to_date',
        to_dates.period,
        opening_balances.task_type,
        opening_balances.is_composite,
        opening_balances.consulted,
        opening_balances.accepted,
        opening_balances.completed,
        opening_balances.issued,
        opening_balances.transferred
    from to_dates
    inner join opening_balances
        on to_dates.as_of = opening_balances.as_of
    where opening_balances.org_level = '2'
),

composite as (
    select
        periods.period_kind,
        periods.period,
        coalesce(sum(provincial.consulted), 0) as consulted,
        coalesce(sum(provincial.accepted), 0) as accepted,
        coalesce(sum(provincial.completed), 0) as completed,
        coalesce(sum(provincial.issued), 0) as issued,
        coalesce(sum(provincial.transferred), 0) as transferred
    from periods
    left join provincial
        on periods.period_kind = provincial.period_kind
        and periods.period = provincial.period
        and provincial.is_composite
    group by periods.period_kind, periods.period
),

classes as (
    select distinct class
    from task_types
    where class is not null
),

of_classes as (
    select
        periods.period_kind,
        periods.period,
        classes.class,
        coalesce(sum(provincial.accepted) filter (where task_types.class = classes.class), 0) as accepted,
        coalesce(sum(provincial.completed) filter (where task_types.class = classes.class), 0) as completed
    from periods
    cross join classes
    left join provincial
        on periods.period_kind = provincial.period_kind
        and periods.period = provincial.period
    left join task_types
        on provincial.task_type = task_types.task_type
    group by periods.period_kind, periods.period, classes.class
),

figures as (
    select period_kind, period, 'composite.consulted' as figure, '人次' as unit, consulted as value
    from composite
    union all
    select period_kind, period, 'composite.accepted', '件', accepted
    from composite
    union all
    select period_kind, period, 'composite.completed', '件', completed
    from composite
    union all
    select period_kind, period, 'composite.issued', '件', issued
    from composite
    union all
    select period_kind, period, 'composite.transferred', '件', transferred
    from composite
    union all
    select period_kind, period, class || '.accepted', '件', accepted
    from of_classes
    union all
    select period_kind, period, class || '.completed', '件', completed
    from of_classes
)

select
    -- keys
    figures.period_kind,
    figures.period,
    figures.figure,
    -- what it covers
    periods.period_start,
    periods.period_end,
    periods.days,
    periods.days_delivered,
    periods.is_complete,
    -- the figure
    cast(figures.value as bigint) as value,
    figures.unit
from figures
inner join periods
    on figures.period_kind = periods.period_kind
    and figures.period = periods.period
