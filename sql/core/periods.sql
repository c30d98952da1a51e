/*
description: 可出数的各周期：统计周、年累计、月、季，及其比较对象
grain: [period_kind, period]
owner: data_team
kind: table
columns:
  period_kind: {type: VARCHAR, description: "周期种类：week 统计周，ytd 年累计，month 月，quarter 季"}
  period: {type: VARCHAR, description: "周期：期号（周、年累计）、2023-08（月）、2023-Q3（季）"}
  period_start: {type: DATE, description: "首日"}
  period_end: {type: DATE, description: "末日"}
  days: {type: BIGINT, description: "日历天数"}
  days_delivered: {type: BIGINT, description: "其中有数据的天数；年累计的期初数算作其所含各日"}
  is_complete: {type: BOOLEAN, description: "是否齐全：每天都有数据"}
  previous_period: {type: VARCHAR, description: "上一周期（环比的对象）：上一期、上月、上季；年累计没有，为空"}
  year_earlier_period: {type: VARCHAR, description: "上年同期（同比的对象）：上年同一期次、同月、同季；期历中没有的为空"}
nuance: 月、季至少有一天的数据才列；期初数没有逐日数字，只由期初数代表的月、季不列，不是 0。
checks: [grain_is_unique]
*/

with issue_windows as (
    select * from core.issue_windows
),

issue_calendar as (
    select * from ref.issue_calendar
),

delivered_days as (
    select * from core.delivered_days
),

-- the issue before runs on across New Year, the year-on-year one has the same number in its own year
issues as (
    select
        issue_windows.issue_key,
        issue_windows.window_start,
        issue_windows.cutoff_date,
        issue_windows.year_start,
        issue_windows.events_from,
        issue_windows.has_year_to_date,
        issue_windows.week_days_delivered,
        issue_windows.year_days_delivered,
        issue_before.issue_key as previous_period,
        year_earlier.issue_key as year_earlier_period
    from issue_windows
    inner join issue_calendar
        on issue_windows.issue_key = issue_calendar.issue_key
    left join issue_calendar as issue_before
        on issue_before.total_no = issue_calendar.total_no - 1
    left join issue_calendar as year_earlier
        on year_earlier.issue_year = issue_calendar.issue_year - 1
        and year_earlier.issue_no = issue_calendar.issue_no
    where issue_windows.has_figures
),

months_of_days as (
    select
        business_date,
        make_date(extract(year from business_date), extract(month from business_date), 1) as month_start,
        make_date(extract(year from business_date), (extract(quarter from business_date) - 1) * 3 + 1, 1) as quarter_start
    from delivered_days
),

months as (
    select
        month_start,
        count(*) as days_delivered
    from months_of_days
    group by month_start
),

quarters as (
    select
        quarter_start,
        count(*) as days_delivered
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
        previous_period,
        year_earlier_period
    from issues
    union all
    select
        'ytd' as period_kind,
        issue_key as period,
        year_start as period_start,
        cutoff_date as period_end,
        -- the opening stands for the days up to it
        year_days_delivered + (events_from - year_start) as days_delivered,
        null as previous_period,
        year_earlier_period
    from issues
    where has_year_to_date
    union all
    select
        'month' as period_kind,
        strftime(month_start, '%Y-%m') as period,
        month_start as period_start,
        cast(month_start + interval 1 month as date) - 1 as period_end,
        days_delivered,
        strftime(month_start - interval 1 month, '%Y-%m') as previous_period,
        strftime(month_start - interval 1 year, '%Y-%m') as year_earlier_period
    from months
    union all
    select
        'quarter' as period_kind,
        extract(year from quarter_start) || '-Q' || extract(quarter from quarter_start) as period,
        quarter_start as period_start,
        cast(quarter_start + interval 3 month as date) - 1 as period_end,
        days_delivered,
        extract(year from quarter_start - interval 3 month) || '-Q'
            || extract(quarter from quarter_start - interval 3 month) as previous_period,
        extract(year from quarter_start) - 1 || '-Q' || extract(quarter from quarter_start) as year_earlier_period
    from quarters
)

select
    -- keys
    period_kind,
    period,
    -- days
    period_start,
    period_end,
    cast(period_end - period_start + 1 as bigint) as days,
    cast(days_delivered as bigint) as days_delivered,
    days_delivered >= period_end - period_start + 1 as is_complete,
    -- what it is compared with
    previous_period,
    year_earlier_period
from periods
