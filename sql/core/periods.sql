/*
description: 可出数的各周期：统计周、年累计、月、季、年初至某日，及其比较对象
grain: [period_kind, period]
owner: data_team
kind: table
columns:
  period_kind: {type: VARCHAR, description: "周期种类：week 统计周，ytd 年累计，month 月，quarter 季，to_date 年初至某日（年累计同比的对象）"}
  period: {type: VARCHAR, description: "周期：期号（周、年累计）、2023-08（月）、2023-Q3（季）、2023-08-25（年初至该日）"}
  period_start: {type: DATE, description: "首日"}
  period_end: {type: DATE, description: "末日"}
  days: {type: BIGINT, description: "日历天数"}
  working_days: {type: BIGINT, description: "其中的工作日数，含周末补班；有一天不知是否工作日的为空"}
  days_delivered: {type: BIGINT, description: "其中数据齐全的天数；期初数算作其所含各日"}
  is_complete: {type: BOOLEAN, description: "是否齐全：每天的数据都齐全"}
  is_opening_only: {type: BOOLEAN, description: "是否只有期初数：截至其末日没有逐日数字"}
  festival: {type: VARCHAR, description: "统计周内的节日：春节、国庆节；其他种类的周期及没有的为空"}
  previous_period: {type: VARCHAR, description: "上一周期（环比的对象）：上一期、上月、上季；年累计没有，为空"}
  year_earlier_kind: {type: VARCHAR, description: "同比对象的种类：年累计为 to_date，其余与本周期同"}
  year_earlier_period: {type: VARCHAR, description: "同比的对象：上年同一期次、同月、同季；年累计为上年同日（2 月 29 日为 2 月 28 日）；期历中没有的为空"}
  festival_period: {type: VARCHAR, description: "节日对齐的对象：上年含同一节日的统计周；没有的为空"}
nuance: 月、季至少有一天的数据才列；期初数没有逐日数字，只由期初数代表的月、季不列，不是 0。春节、国庆节是哪几天，见放假安排与本单位的 calendar.csv。
checks: [grain_is_unique]
*/

with issue_windows as (
    select * from core.issue_windows
),

issue_calendar as (
    select * from ref.issue_calendar
),

calendar_days as (
    select * from ref.days
),

festivals as (
    select * from ref.festivals
),

delivered_days as (
    select * from core.delivered_days
),

openings as (
    select distinct
        as_of,
        extract(year from as_of) as opening_year
    from lake.opening
),

-- a holiday lies between two working days, so that no cut-off falls into it: one week has all of it
festival_weeks as (
    select
        issue_calendar.issue_key,
        min(festivals.festival) as festival,
        min(extract(year from festivals.day)) as festival_year
    from issue_calendar
    inner join festivals
        on festivals.day >= issue_calendar.window_start
        and festivals.day < issue_calendar.cutoff_date + 1
    group by issue_calendar.issue_key
),

-- the issue before runs on across New Year, the year-on-year one has the same number in its own year
issues as (
    select
        issue_windows.issue_key,
        issue_windows.window_start,
        issue_windows.cutoff_date,
        issue_windows.year_start,
        issue_windows.opening_as_of,
        issue_windows.events_from,
        issue_windows.has_year_to_date,
        issue_windows.week_days_delivered,
        issue_windows.year_days_delivered,
        issue_before.issue_key as previous_period,
        year_earlier.issue_key as year_earlier_period,
        festival_weeks.festival,
        same_festival.issue_key as festival_period
    from issue_windows
    inner join issue_calendar
        on issue_windows.issue_key = issue_calendar.issue_key
    left join issue_calendar as issue_before
        on issue_before.total_no = issue_calendar.total_no - 1
    left join issue_calendar as year_earlier
        on year_earlier.issue_year = issue_calendar.issue_year - 1
        and year_earlier.issue_no = issue_calendar.issue_no
    left join festival_weeks
        on issue_windows.issue_key = festival_weeks.issue_key
    left join festival_weeks as same_festival
        on festival_weeks.festival = same_festival.festival
        and festival_weeks.festival_year - 1 = same_festival.festival_year
    where issue_windows.has_figures
),

-- 29 February a year earlier is the 28th
dates_a_year_earlier as (
    select distinct
        cast(year_start - interval 1 year as date) as period_start,
        cast(cutoff_date - interval 1 year as date) as period_end
    from issues
    where has_year_to_date
),

-- an opening of that year has no days: events are counted from the day after it
years_earlier as (
    select
        dates_a_year_earlier.period_start,
        dates_a_year_earlier.period_end,
        openings.as_of,
        coalesce(openings.as_of + 1, dates_a_year_earlier.period_start) as events_from
    from dates_a_year_earlier
    left join openings
        on extract(year from dates_a_year_earlier.period_start) = openings.opening_year
),

to_dates as (
    select
        years_earlier.period_start,
        years_earlier.period_end,
        years_earlier.as_of,
        years_earlier.events_from,
        count(*) filter (where delivered_days.is_whole) as days_delivered
    from years_earlier
    left join delivered_days
        on delivered_days.business_date >= years_earlier.events_from
        and delivered_days.business_date < years_earlier.period_end + 1
    group by
        years_earlier.period_start,
        years_earlier.period_end,
        years_earlier.as_of,
        years_earlier.events_from
    having count(delivered_days.business_date) > 0 or years_earlier.as_of is not null
),

months_of_days as (
    select
        business_date,
        is_whole,
        make_date(extract(year from business_date), extract(month from business_date), 1) as month_start,
        make_date(extract(year from business_date), (extract(quarter from business_date) - 1) * 3 + 1, 1) as quarter_start
    from delivered_days
),

months as (
    select
        month_start,
        count(*) filter (where is_whole) as days_delivered
    from months_of_days
    group by month_start
),

quarters as (
    select
        quarter_start,
        count(*) filter (where is_whole) as days_delivered
    from months_of_days
    group by quarter_start
),

periods as (
    select
        'week' as period_kind,
        issue_key as period,
        window_start as period_start,
        cutoff_date as period_end,
        week_days_delivered as days_delivered,
        false as is_opening_only,
        festival,
        previous_period,
        'week' as year_earlier_kind,
        year_earlier_period,
        festival_period
    from issues
    union all
    select
        'ytd' as period_kind,
        issue_key as period,
        year_start as period_start,
        cutoff_date as period_end,
        -- the opening stands for the days up to it
        year_days_delivered + (events_from - year_start) as days_delivered,
        coalesce(opening_as_of >= cutoff_date, false) as is_opening_only,
        null as festival,
        null as previous_period,
        'to_date' as year_earlier_kind,
        strftime(cutoff_date - interval 1 year, '%Y-%m-%d') as year_earlier_period,
        null as festival_period
    from issues
    where has_year_to_date
    union all
    select
        'to_date' as period_kind,
        strftime(period_end, '%Y-%m-%d') as period,
        period_start,
        period_end,
        days_delivered + (least(events_from, period_end + 1) - period_start) as days_delivered,
        coalesce(as_of >= period_end, false) as is_opening_only,
        null as festival,
        null as previous_period,
        null as year_earlier_kind,
        null as year_earlier_period,
        null as festival_period
    from to_dates
    union all
    select
        'month' as period_kind,
        strftime(month_start, '%Y-%m') as period,
        month_start as period_start,
        cast(month_start + interval 1 month as date) - 1 as period_end,
        days_delivered,
        false as is_opening_only,
        null as festival,
        strftime(month_start - interval 1 month, '%Y-%m') as previous_period,
        'month' as year_earlier_kind,
        strftime(month_start - interval 1 year, '%Y-%m') as year_earlier_period,
        null as festival_period
    from months
    union all
    select
        'quarter' as period_kind,
        extract(year from quarter_start) || '-Q' || extract(quarter from quarter_start) as period,
        quarter_start as period_start,
        cast(quarter_start + interval 3 month as date) - 1 as period_end,
        days_delivered,
        false as is_opening_only,
        null as festival,
        extract(year from quarter_start - interval 3 month) || '-Q'
            || extract(quarter from quarter_start - interval 3 month) as previous_period,
        'quarter' as year_earlier_kind,
        extract(year from quarter_start) - 1 || '-Q' || extract(quarter from quarter_start) as year_earlier_period,
        null as festival_period
    from quarters
),

-- working days up to each day: two of these say how many lie between, without going through the days of each period
worked as (
    select
        day,
        is_working_day,
        count(*) over (order by day) as days_so_far,
        count(*) filter (where is_working_day) over (order by day) as working_days_so_far
    from calendar_days
),

spans as (
    select
        periods.period_kind,
        periods.period,
        periods.period_start,
        periods.period_end,
        periods.period_end - periods.period_start + 1 as days,
        last_day.days_so_far - first_day.days_so_far + 1 as days_known,
        last_day.working_days_so_far - first_day.working_days_so_far
            + cast(first_day.is_working_day as bigint) as working_days,
        periods.days_delivered,
        periods.is_opening_only,
        periods.festival,
        periods.previous_period,
        periods.year_earlier_kind,
        periods.year_earlier_period,
        periods.festival_period
    from periods
    left join worked as first_day
        on periods.period_start = first_day.day
    left join worked as last_day
        on periods.period_end = last_day.day
)

select
    -- keys
    period_kind,
    period,
    -- days
    period_start,
    period_end,
    cast(days as bigint) as days,
    cast(case when days_known = days then working_days end as bigint) as working_days,
    cast(days_delivered as bigint) as days_delivered,
    days_delivered >= days as is_complete,
    is_opening_only,
    festival,
    -- what it is compared with
    previous_period,
    year_earlier_kind,
    year_earlier_period,
    festival_period
from spans
