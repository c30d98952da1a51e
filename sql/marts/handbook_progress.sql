/*
description: 各期各部门受理工作手册编制进度
grain: [issue_key, org_code]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: "期号，如 2023-34"}
  org_code: {type: VARCHAR, description: "部门编码"}
  org_name: {type: VARCHAR, description: "部门名称"}
  finished_in_week: {type: BIGINT, description: "本期清单中已完成、上期清单中尚未完成的办理项数；截至上期没有清单的，为完成日期在统计周内的", nullable: false}
  finished_total: {type: BIGINT, description: "截止日前完成的办理项数", nullable: false}
  items_total: {type: BIGINT, description: "清单中的办理项总数", nullable: false}
  finished_share: {type: DOUBLE, description: "完成占比，0–1", nullable: false}
  list_delivery: {type: VARCHAR, description: "所用清单的批次：截止日前最后一份", nullable: false}
  list_date: {type: DATE, description: "所用清单的业务日期", nullable: false}
nuance: 清单不必在截止日送来，所以本周完成数按两期清单相比，逐期相加即累计的增加；清单中没有的项不算，撤下或改回未完成的项使累计少于各周之和。
checks: [grain_is_unique]
*/

with handbook_items as (
    select * from core.handbook_items
),

issue_windows as (
    select * from core.issue_windows
),

lists as (
    select distinct
        delivery,
        business_date,
        sequence
    from handbook_items
),

issues as (
    select
        issue_key,
        window_start,
        cutoff_date,
        previous_cutoff_date
    from issue_windows
    where has_figures
),

-- the list in force at an issue's cut-off is the latest delivered up to it
list_of_issue as (
    select
        issues.issue_key,
        issues.window_start,
        issues.cutoff_date,
        lists.delivery,
        lists.business_date
    from issues
    inner join lists
        on lists.business_date <= issues.cutoff_date
    qualify row_number() over (
        partition by issues.issue_key
        order by lists.business_date desc, lists.sequence desc, lists.delivery desc
    ) = 1
),

list_of_previous_issue as (
    select
        issues.issue_key,
        issues.previous_cutoff_date,
        lists.delivery
    from issues
    inner join lists
        on lists.business_date <= issues.previous_cutoff_date
    qualify row_number() over (
        partition by issues.issue_key
        order by lists.business_date desc, lists.sequence desc, lists.delivery desc
    ) = 1
),

-- a finished item counts in the week of the first issue whose list shows it as finished
marked as (
    select
        list_of_issue.issue_key,
        list_of_issue.delivery,
        list_of_issue.business_date,
        items.task_handle_item,
        items.org_code,
        items.org_name,
        items.cd_time,
        coalesce(items.finished_date <= list_of_issue.cutoff_date, false) as is_finished,
        case
            when list_of_previous_issue.delivery is null then coalesce(items.finished_date >= list_of_issue.window_start, false)
            else not coalesce(former.finished_date <= list_of_previous_issue.previous_cutoff_date, false)
        end as is_new
    from list_of_issue
    inner join handbook_items as items
        on list_of_issue.delivery = items.delivery
    left join list_of_previous_issue
        on list_of_issue.issue_key = list_of_previous_issue.issue_key
    left join handbook_items as former
        on list_of_previous_issue.delivery = former.delivery
        and items.task_handle_item = former.task_handle_item
),

progress as (
    select
        issue_key,
        org_code,
        delivery,
        business_date,
        first(org_name order by cd_time desc, task_handle_item desc) filter (where org_name is not null) as org_name,
        count(*) filter (where is_finished and is_new) as finished_in_week,
        count(*) filter (where is_finished) as finished_total,
        count(*) as items_total
    from marked
    group by issue_key, org_code, delivery, business_date
)

select
    -- keys
    issue_key,
    org_code,
    org_name,
    -- measures
    finished_in_week,
    finished_total,
    items_total,
    finished_total / items_total as finished_share,
    -- the list
    delivery as list_delivery,
    business_date as list_date
from progress
