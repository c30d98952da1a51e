/*
description: 各期各部门受理工作手册编制进度
grain: [issue_key, org_code]
owner: data_team
kind: issue
columns:
  issue_key: {type: VARCHAR, description: "期号，如 2023-34"}
  org_code: {type: VARCHAR, description: "部门编码"}
  org_name: {type: VARCHAR, description: "部门名称"}
  finished_in_week: {type: BIGINT, description: "统计周内完成的办理项数", nullable: false}
  finished_total: {type: BIGINT, description: "截止日前完成的办理项数", nullable: false}
  items_total: {type: BIGINT, description: "清单中的办理项总数", nullable: false}
  finished_share: {type: DOUBLE, description: "完成占比，0–1", nullable: false}
nuance: 用截止日前最后一份清单；清单中没有的项不算。
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

-- the list in force at an issue's cut-off is the latest delivered up to it
list_of_issue as (
    select
        issue_windows.issue_key,
        issue_windows.window_start,
        issue_windows.cutoff_date,
        lists.delivery
    from issue_windows
    inner join lists
        on lists.business_date <= issue_windows.cutoff_date
    where issue_windows.has_figures
    qualify row_number() over (
        partition by issue_windows.issue_key
        order by lists.business_date desc, lists.sequence desc, lists.delivery desc
    ) = 1
),

progress as (
    select
        list_of_issue.issue_key,
        handbook_items.org_code,
        first(handbook_items.org_name order by handbook_items.cd_time desc, handbook_items.task_handle_item desc)
            filter (where handbook_items.org_name is not null) as org_name,
        count(*) filter (
            where handbook_items.finished_date >= list_of_issue.window_start
                and handbook_items.finished_date < list_of_issue.cutoff_date + 1
        ) as finished_in_week,
        count(*) filter (where handbook_items.finished_date < list_of_issue.cutoff_date + 1) as finished_total,
        count(*) as items_total
    from list_of_issue
    inner join handbook_items
        on list_of_issue.delivery = handbook_items.delivery
    group by list_of_issue.issue_key, handbook_items.org_code
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
    finished_total / items_total as finished_share
from progress
