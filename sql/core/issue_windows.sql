/*
description: 已到截止日、可能出数的各期及其统计区间
grain: [issue_key]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: 期号}
  issue_year: {type: INTEGER, description: 所属年}
  window_start: {type: DATE, description: 本期统计周首日}
  cutoff_date: {type: DATE, description: 截止日}
  previous_cutoff_date: {type: DATE, description: 上一期的截止日；期历的第一期为空}
  year_start: {type: DATE, description: 所属年 1 月 1 日}
  opening_as_of: {type: DATE, description: 所用期初数的日期，无期初数为空}
  events_from: {type: DATE, description: 年累计从哪一天起数事件（期初数次日或 1 月 1 日）}
  has_year_to_date: {type: BOOLEAN, description: 是否有年累计（截止日早于期初数日期的期没有）}
  week_days_delivered: {type: BIGINT, description: 统计周内数据齐全的天数}
  year_days_delivered: {type: BIGINT, description: 年累计区间内数据齐全的天数}
  has_figures: {type: BOOLEAN, description: 是否出数：统计周内至少一天有数据}
nuance: 只含截止日在已入库日期范围内的期，正在进行的期还不缺什么；是否出数看 has_figures。
checks: [grain_is_unique]
*/

with issue_calendar as (
    select * from ref.issue_calendar
),

delivered_days as (
    select * from core.delivered_days
),

openings as (
    select distinct
        as_of,
        extract(year from as_of) as issue_year
    from lake.opening
),

reach as (
    select
        min(business_date) as first_day,
        max(business_date) as last_day
    from delivered_days
),

issues as (
    select
        issue_key,
        issue_year,
        window_start,
        cutoff_date,
        lag(cutoff_date) over (order by cutoff_date) as previous_cutoff_date
    from issue_calendar
),

windows as (
    select
        issues.issue_key,
        issues.issue_year,
        issues.window_start,
        issues.cutoff_date,
        issues.previous_cutoff_date,
        make_date(issues.issue_year, 1, 1) as year_start,
        openings.as_of as opening_as_of,
        coalesce(openings.as_of + 1, make_date(issues.issue_year, 1, 1)) as events_from,
        openings.as_of is null or openings.as_of <= issues.cutoff_date as has_year_to_date
    from issues
    cross join reach
    left join openings
        on issues.issue_year = openings.issue_year
    where issues.cutoff_date >= reach.first_day
        and issues.cutoff_date <= reach.last_day
)

select
    -- keys
    windows.issue_key,
    windows.issue_year,
    -- windows
    windows.window_start,
    windows.cutoff_date,
    windows.previous_cutoff_date,
    windows.year_start,
    windows.opening_as_of,
    windows.events_from,
    windows.has_year_to_date,
    -- coverage
    count(*) filter (where delivered_days.business_date >= windows.window_start and delivered_days.is_whole) as week_days_delivered,
    count(*) filter (where delivered_days.business_date >= windows.events_from and delivered_days.is_whole) as year_days_delivered,
    count(*) filter (where delivered_days.business_date >= windows.window_start) > 0 as has_figures
from windows
left join delivered_days
    on delivered_days.business_date <= windows.cutoff_date
    and delivered_days.business_date >= least(windows.window_start, windows.events_from)
group by
    windows.issue_key,
    windows.issue_year,
    windows.window_start,
    windows.cutoff_date,
    windows.previous_cutoff_date,
    windows.year_start,
    windows.opening_as_of,
    windows.events_from,
    windows.has_year_to_date
