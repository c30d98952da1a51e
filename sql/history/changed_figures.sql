/*
description: 定稿后现值与发布值不同的公报数字，及其统计范围
grain: [issue_key, figure]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: 期号}
  figure: {type: VARCHAR, description: 数字名称}
  published_value: {type: DOUBLE, description: 发布时的数值}
  current_value: {type: DOUBLE, description: 现值，现已不出此数的为空}
  difference: {type: DOUBLE, description: 现值减发布值}
  scope: {type: VARCHAR, description: 范围：composite 为省本级综窗，handbook 为受理工作手册，其余为省级该类事项}
  measure: {type: VARCHAR, description: 所计的量，如 accepted}
  first_day: {type: DATE, description: 计入的第一个事件日期，按现行期历与期初数；手册为空}
  cutoff_date: {type: DATE, description: 截止日}
nuance: 没有不同时为空表，其后各步随之不读任何明细。不发布。
checks: [grain_is_unique]
*/

with published_figures as (
    select * from marts.published_figures
),

bulletin_figures as (
    select * from marts.bulletin_figures
),

issue_windows as (
    select * from core.issue_windows
)

select
    -- keys
    published_figures.issue_key,
    published_figures.figure,
    -- the difference
    published_figures.value as published_value,
    bulletin_figures.value as current_value,
    bulletin_figures.value - published_figures.value as difference,
    -- what the figure counts, as its name says it
    split_part(published_figures.figure, '.', 1) as scope,
    split_part(published_figures.figure, '.', 2) as measure,
    case
        when published_figures.figure like 'handbook.%' then null
        when published_figures.figure like '%.week' then issue_windows.window_start
        else issue_windows.events_from
    end as first_day,
    issue_windows.cutoff_date
from published_figures
left join bulletin_figures
    on published_figures.issue_key = bulletin_figures.issue_key
    and published_figures.figure = bulletin_figures.figure
left join issue_windows
    on published_figures.issue_key = issue_windows.issue_key
where bulletin_figures.value is distinct from published_figures.value
