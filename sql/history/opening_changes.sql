/*
description: 定稿后重装的期初数使已发布的年累计变动多少
grain: [issue_key, figure, delivery]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: 期号}
  figure: {type: VARCHAR, description: 数字名称}
  delivery: {type: VARCHAR, description: "期初数，写作 opening_<yyyymmdd>；现已没有期初数的，写定稿时的"}
  change: {type: DOUBLE, description: 现期初数减定稿时的期初数；期初数日期移动时事件起数日随之移动，不含在内}
nuance: 只列范围内数值或日期有变的期初数。不发布。
checks: [grain_is_unique]
*/

with changed_figures as (
    select * from history.changed_figures
),

frozen_openings as (
    select * from ledger.frozen_openings
),

issue_windows as (
    select * from core.issue_windows
),

openings as (
    select * from lake.opening
),

task_types as (
    select * from ref.task_types
),

current_openings as (
    select
        changed_figures.issue_key,
        changed_figures.figure,
        sum(openings.value) as value
    from changed_figures
    inner join issue_windows
        on changed_figures.issue_key = issue_windows.issue_key
    inner join openings
        on issue_windows.opening_as_of = openings.as_of
        and changed_figures.measure = openings.measure
    left join task_types
        on openings.task_type = task_types.task_type
    where changed_figures.figure like '%.ytd'
        and openings.org_level = '2'
        and case when changed_figures.scope = 'composite' then openings.is_composite else task_types.class = changed_figures.scope end
    group by changed_figures.issue_key, changed_figures.figure
),

compared as (
    select
        changed_figures.issue_key,
        changed_figures.figure,
        frozen_openings.as_of as as_of_then,
        issue_windows.opening_as_of as as_of_now,
        coalesce(frozen_openings.value, 0) as value_then,
        coalesce(current_openings.value, 0) as value_now
    from changed_figures
    left join frozen_openings
        on changed_figures.issue_key = frozen_openings.issue_key
        and changed_figures.figure = frozen_openings.figure
    left join issue_windows
        on changed_figures.issue_key = issue_windows.issue_key
    left join current_openings
        on changed_figures.issue_key = current_openings.issue_key
        and changed_figures.figure = current_openings.figure
    where changed_figures.figure like '%.ytd'
)

select
    -- keys
    issue_key,
    figure,
    'opening_' || strftime(coalesce(as_of_now, as_of_then), '%Y%m%d') as delivery,
    -- measures
    cast(value_now - value_then as double) as change
from compared
where as_of_now is distinct from as_of_then or value_now <> value_then
