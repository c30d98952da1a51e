/*
description: 各期年累计办件量（所属年 1 月 1 日至截止日，含期初数）
grain: [issue_key, org_code, org_level, task_type, is_composite]
owner: data_team
kind: sum
columns:
  issue_key: {type: VARCHAR, description: "期号，如 2023-34"}
  org_code: {type: VARCHAR, description: "部门编码；期初数未分部门的为空串"}
  org_level: {type: VARCHAR, description: "行使层级：1 国家 2 省 3 市 4 县 5 镇 6 村", codes: org_level}
  task_type: {type: VARCHAR, description: "事项类型：01 行政许可…20 公共服务，99 未知；咨询未注明的为空串", codes: task_type, values: {"": 未注明事项类型}}
  is_composite: {type: BOOLEAN, description: "是否综窗（综合窗口）"}
  consulted: {type: BIGINT, description: "咨询（人次）", nullable: false}
  accepted: {type: BIGINT, description: "受理（件）", nullable: false}
  completed: {type: BIGINT, description: "办结（件），不计哪些办结结果见 meta.rules", nullable: false}
  issued: {type: BIGINT, description: "颁发（件）", nullable: false}
  transferred: {type: BIGINT, description: "流转（件）", nullable: false}
nuance: 有期初数的年份：累计 = 期初数 + 期初数日期之后的事件；期初数日期之前已入库的事件不重复相加。截止日早于期初数日期的期没有累计。
checks: [grain_is_unique]
*/

with daily_counts as (
    select * from marts.daily_counts
),

openings as (
    select * from lake.opening
),

issue_windows as (
    select * from core.issue_windows
),

events_of_the_year as (
    select
        issue_windows.issue_key,
        daily_counts.org_code,
        daily_counts.org_level,
        daily_counts.task_type,
        daily_counts.is_composite,
        daily_counts.consulted,
        daily_counts.accepted,
        daily_counts.completed,
        daily_counts.issued,
        daily_counts.transferred
    from issue_windows
    inner join daily_counts
        on daily_counts.event_date >= issue_windows.events_from
        and daily_counts.event_date < issue_windows.cutoff_date + 1
    where issue_windows.has_figures
        and issue_windows.has_year_to_date
),

opening_balances as (
    select
        issue_windows.issue_key,
        openings.org_code,
        openings.org_level,
        openings.task_type,
        openings.is_composite,
        case when openings.measure = 'consulted' then openings.value else 0 end as consulted,
        case when openings.measure = 'accepted' then openings.value else 0 end as accepted,
        case when openings.measure = 'completed' then openings.value else 0 end as completed,
        case when openings.measure = 'issued' then openings.value else 0 end as issued,
        case when openings.measure = 'transferred' then openings.value else 0 end as transferred
    from issue_windows
    inner join openings
        on issue_windows.opening_as_of = openings.as_of
    where issue_windows.has_figures
        and issue_windows.has_year_to_date
),

terms as (
    select
        issue_key,
        org_code,
        org_level,
        task_type,
        is_composite,
        consulted,
        accepted,
        completed,
        issued,
        transferred
    from events_of_the_year
    union all
    select
        issue_key,
        org_code,
        org_level,
        task_type,
        is_composite,
        consulted,
        accepted,
        completed,
        issued,
        transferred
    from opening_balances
)

select
    -- keys and dimensions
    issue_key,
    org_code,
    org_level,
    task_type,
    is_composite,
    -- measures since 1 January
    cast(sum(consulted) as bigint) as consulted,
    cast(sum(accepted) as bigint) as accepted,
    cast(sum(completed) as bigint) as completed,
    cast(sum(issued) as bigint) as issued,
    cast(sum(transferred) as bigint) as transferred
from terms
group by issue_key, org_code, org_level, task_type, is_composite
having sum(consulted) <> 0 or sum(accepted) <> 0 or sum(completed) <> 0 or sum(issued) <> 0 or sum(transferred) <> 0
