/*
description: 定稿后到达的手册清单使已发布的手册数字变动多少
grain: [issue_key, figure, delivery]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: 期号}
  figure: {type: VARCHAR, description: 数字名称}
  delivery: {type: VARCHAR, description: 送来现用清单的批次，或撤下原清单的替换批次}
  change: {type: DOUBLE, description: 现值减发布值}
nuance: 某期用截止日前最后一份清单；现用清单与定稿时为同一份的，变动不由批次引起，不在此列。不发布。
checks: [grain_is_unique]
*/

with changed_figures as (
    select * from history.changed_figures
),

frozen_files as (
    select * from history.frozen_files
),

ledger_files as (
    select * from ledger.files
),

ledger_deliveries as (
    select * from ledger.deliveries
),

file_states as (
    select * from core.file_states
),

-- a header alone is no list
lists as (
    select
        file_states.delivery,
        file_states.business_date,
        file_states.sequence,
        file_states.file_index,
        file_states.state
    from file_states
    inner join ledger_files
        on file_states.delivery = ledger_files.delivery
        and file_states.file_index = ledger_files.file_index
    where file_states.feed = 'handbook' and ledger_files.loaded > 0
),

issues as (
    select distinct
        issue_key,
        cutoff_date
    from changed_figures
    where scope = 'handbook'
),

list_now as (
    select
        issues.issue_key,
        lists.delivery
    from issues
    inner join lists
        on lists.business_date < issues.cutoff_date + 1
    where lists.state = 'loaded'
    qualify row_number() over (
        partition by issues.issue_key
        order by lists.business_date desc, lists.sequence desc, lists.delivery desc
    ) = 1
),

list_then as (
    select
        issues.issue_key,
        lists.delivery,
        lists.business_date
    from issues
    inner join frozen_files
        on issues.issue_key = frozen_files.issue_key
        and frozen_files.state = 'loaded'
    inner join lists
        on frozen_files.delivery = lists.delivery
        and frozen_files.file_index = lists.file_index
        and lists.business_date < issues.cutoff_date + 1
    qualify row_number() over (
        partition by issues.issue_key
        order by lists.business_date desc, lists.sequence desc, lists.delivery desc
    ) = 1
),

frozen_deliveries as (
    select distinct
        issue_key,
        delivery
    from frozen_files
),

-- who withdrew a list by replacing it
replacements as (
    select
        file_states.business_date,
        file_states.delivery
    from file_states
    inner join ledger_deliveries
        on file_states.delivery = ledger_deliveries.delivery
    where ledger_deliveries.mode = 'replace' and file_states.feed = 'handbook' and file_states.state = 'loaded'
    qualify row_number() over (
        partition by file_states.business_date
        order by file_states.sequence desc, file_states.delivery desc
    ) = 1
),

causes as (
    select
        issues.issue_key,
        case
            when list_now.delivery is not null and frozen_deliveries.delivery is null then list_now.delivery
            else replacements.delivery
        end as delivery
    from issues
    left join list_now
        on issues.issue_key = list_now.issue_key
    left join list_then
        on issues.issue_key = list_then.issue_key
    left join frozen_deliveries
        on issues.issue_key = frozen_deliveries.issue_key
        and list_now.delivery = frozen_deliveries.delivery
    left join replacements
        on list_then.business_date = replacements.business_date
    where list_now.delivery is distinct from list_then.delivery
)

select
    -- keys
    changed_figures.issue_key,
    changed_figures.figure,
    causes.delivery,
    -- measures
    changed_figures.difference as change
from changed_figures
inner join causes
    on changed_figures.issue_key = causes.issue_key
where causes.delivery is not null and changed_figures.scope = 'handbook'
