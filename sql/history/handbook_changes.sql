/*
description: 定稿后到达的手册清单使已发布的手册数字变动多少
grain: [issue_key, figure, delivery]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: 期号}
  figure: {type: VARCHAR, description: 数字名称}
  delivery: {type: VARCHAR, description: 送来现用清单的批次，撤下原清单的替换批次，或本身已撤回的原清单批次}
  change: {type: DOUBLE, description: 现值减发布值}
nuance: 某期用截止日前最后一份清单，本周完成数还用上期的；两份都换了的，变动记在本期清单名下，上期清单的记 0。现用清单与定稿时为同一份的，变动不由批次引起，不在此列。不发布。
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

withdrawals as (
    select * from ledger.withdrawals
),

issue_windows as (
    select * from core.issue_windows
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

-- each list that a figure follows from: the issue's own, and for what was finished in the week also that of the issue before
wanted as (
    select
        issue_key,
        figure,
        true as is_own,
        cutoff_date
    from changed_figures
    where scope = 'handbook'
    union all
    select
        changed_figures.issue_key,
        changed_figures.figure,
        false as is_own,
        issue_windows.previous_cutoff_date as cutoff_date
    from changed_figures
    inner join issue_windows
        on changed_figures.issue_key = issue_windows.issue_key
    where changed_figures.figure = 'handbook.finished.week' and issue_windows.previous_cutoff_date is not null
),

list_dates as (
    select distinct
        issue_key,
        cutoff_date
    from wanted
),

list_now as (
    select
        list_dates.issue_key,
        list_dates.cutoff_date,
        lists.delivery
    from list_dates
    inner join lists
        on lists.business_date < list_dates.cutoff_date + 1
    where lists.state = 'loaded'
    qualify row_number() over (
        partition by list_dates.issue_key, list_dates.cutoff_date
        order by lists.business_date desc, lists.sequence desc, lists.delivery desc
    ) = 1
),

list_then as (
    select
        list_dates.issue_key,
        list_dates.cutoff_date,
        lists.delivery,
        lists.business_date
    from list_dates
    inner join frozen_files
        on list_dates.issue_key = frozen_files.issue_key
        and frozen_files.state = 'loaded'
    inner join lists
        on frozen_files.delivery = lists.delivery
        and frozen_files.file_index = lists.file_index
        and lists.business_date < list_dates.cutoff_date + 1
    qualify row_number() over (
        partition by list_dates.issue_key, list_dates.cutoff_date
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
        wanted.issue_key,
        wanted.figure,
        wanted.is_own,
        case
            when withdrawals.delivery is not null then withdrawals.delivery
            when list_now.delivery is not null and frozen_deliveries.delivery is null then list_now.delivery
            else replacements.delivery
        end as delivery
    from wanted
    left join list_now
        on wanted.issue_key = list_now.issue_key
        and wanted.cutoff_date = list_now.cutoff_date
    left join list_then
        on wanted.issue_key = list_then.issue_key
        and wanted.cutoff_date = list_then.cutoff_date
    left join frozen_deliveries
        on wanted.issue_key = frozen_deliveries.issue_key
        and list_now.delivery = frozen_deliveries.delivery
    left join replacements
        on list_then.business_date = replacements.business_date
    left join withdrawals
        on list_then.delivery = withdrawals.delivery
    where list_now.delivery is distinct from list_then.delivery
),

-- one list may be both the issue's own and that of the issue before
deliveries as (
    select
        issue_key,
        figure,
        delivery,
        bool_or(is_own) as is_own
    from causes
    where delivery is not null
    group by issue_key, figure, delivery
),

-- the whole difference is told once: of the issue's own list where that changed
placed as (
    select
        issue_key,
        figure,
        delivery,
        row_number() over (partition by issue_key, figure order by is_own desc, delivery) = 1 as has_difference
    from deliveries
)

select
    -- keys
    changed_figures.issue_key,
    changed_figures.figure,
    placed.delivery,
    -- measures
    case when placed.has_difference then changed_figures.difference else 0 end as change
from changed_figures
inner join placed
    on changed_figures.issue_key = placed.issue_key
    and changed_figures.figure = placed.figure
