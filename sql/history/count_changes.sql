/*
description: 定稿后到达的各批次使已发布的办件量数字变动多少
grain: [issue_key, figure, delivery]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: 期号}
  figure: {type: VARCHAR, description: 数字名称}
  delivery: {type: VARCHAR, description: 使之变动的批次：其记录成为现行版本，或以替换撤下了原来的记录，或其本身已撤回}
  change: {type: BIGINT, description: 该批次带来的增减；有增有减而相抵的为 0}
nuance: 逐键比较定稿时的版本与现行版本，都按现行口径、期历与期初数日期计；只因口径变动的不在此列。不发布。
checks: [grain_is_unique]
*/

with changed_figures as (
    select * from history.changed_figures
),

frozen_files as (
    select * from history.frozen_files
),

lost_versions as (
    select * from history.lost_versions
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

-- read more than once below, and not at all where nothing has changed: a copy would be the whole history
events as not materialized (
    select * from core.events
),

task_types as (
    select * from ref.task_types
),

files_then as (
    select
        issue_key,
        delivery,
        file_index
    from frozen_files
    where state = 'loaded'
),

measures as (
    select distinct measure
    from changed_figures
),

winners as not materialized (
    select
        events.measure,
        events.record_key,
        events.event_date,
        events.org_level,
        events.task_type,
        events.is_composite,
        events.counted,
        events.cd_time,
        events.business_date,
        events.sequence,
        events.delivery,
        events.file_index,
        events.line
    from events
    semi join measures
        on events.measure = measures.measure
),

-- the days that the changed figures of an issue count events of
windows as (
    select
        issue_key,
        measure,
        min(first_day) as first_day,
        max(cutoff_date) as last_day
    from changed_figures
    where first_day is not null
    group by issue_key, measure
),

-- files and days first: so few of them are late that rows are never joined to every issue
winning_days as (
    select distinct
        measure,
        delivery,
        file_index,
        event_date
    from winners
),

late_days as (
    select
        windows.issue_key,
        winning_days.measure,
        winning_days.delivery,
        winning_days.file_index,
        winning_days.event_date
    from windows
    inner join winning_days
        on windows.measure = winning_days.measure
        and winning_days.event_date >= windows.first_day
        and winning_days.event_date < windows.last_day + 1
    anti join files_then
        on windows.issue_key = files_then.issue_key
        and winning_days.delivery = files_then.delivery
        and winning_days.file_index = files_then.file_index
),

-- each version that lost, beside the one that wins now: joined by key once, before the issues multiply them
handed_over as materialized (
    select
        lost_versions.measure,
        lost_versions.record_key,
        lost_versions.event_date,
        lost_versions.org_level,
        lost_versions.class,
        lost_versions.is_composite,
        lost_versions.counted,
        lost_versions.delivery,
        lost_versions.file_index,
        lost_versions.cd_time,
        lost_versions.business_date,
        lost_versions.sequence,
        lost_versions.line,
        winners.delivery as delivery_now,
        winners.file_index as file_index_now,
        winners.event_date as event_date_now,
        winners.org_level as org_level_now,
        winners.task_type as task_type_now,
        winners.is_composite as is_composite_now,
        winners.counted as counted_now,
        -- so it is where the better version was withdrawn by a replacement
        coalesce((
            lost_versions.cd_time, lost_versions.business_date, lost_versions.sequence,
            lost_versions.delivery, lost_versions.file_index, lost_versions.line
        ) > (
            winners.cd_time, winners.business_date, winners.sequence,
            winners.delivery, winners.file_index, winners.line
        ), true) as is_better_than_now
    from lost_versions
    left join winners
        on lost_versions.measure = winners.measure
        and lost_versions.record_key = winners.record_key
),

-- of each key that has changed hands, the version that won at the freeze
former as (
    select
        windows.issue_key,
        handed_over.measure,
        handed_over.record_key,
        handed_over.event_date,
        handed_over.org_level,
        handed_over.class,
        handed_over.is_composite,
        handed_over.counted,
        handed_over.delivery,
        handed_over.file_index,
        handed_over.event_date_now,
        handed_over.org_level_now,
        handed_over.task_type_now,
        handed_over.is_composite_now,
        handed_over.counted_now,
        case when winner_then.delivery is null then handed_over.delivery_now end as late_delivery
    from windows
    inner join files_then
        on windows.issue_key = files_then.issue_key
    inner join handed_over
        on files_then.delivery = handed_over.delivery
        and files_then.file_index = handed_over.file_index
        and windows.measure = handed_over.measure
    left join files_then as winner_then
        on windows.issue_key = winner_then.issue_key
        and handed_over.delivery_now = winner_then.delivery
        and handed_over.file_index_now = winner_then.file_index
    -- today's winner came after the freeze, or won only since a better version was withdrawn
    where winner_then.delivery is null or handed_over.is_better_than_now
    qualify row_number() over (
        partition by windows.issue_key, handed_over.measure, handed_over.record_key
        order by
            handed_over.cd_time desc, handed_over.business_date desc, handed_over.sequence desc,
            handed_over.delivery desc, handed_over.file_index desc, handed_over.line desc
    ) = 1
),

-- who withdrew a file by replacing it
replacements as (
    select
        file_states.business_date,
        file_states.feed,
        file_states.delivery
    from file_states
    inner join ledger_deliveries
        on file_states.delivery = ledger_deliveries.delivery
    where ledger_deliveries.mode = 'replace' and file_states.state = 'loaded'
    qualify row_number() over (
        partition by file_states.business_date, file_states.feed
        order by file_states.sequence desc, file_states.delivery desc
    ) = 1
),

-- files that a replacement had withdrawn at the freeze, and that count again since it was itself withdrawn
returned as (
    select
        frozen_files.issue_key,
        frozen_files.delivery,
        frozen_files.file_index,
        last(replacing.delivery order by replacing.sequence, replacing.delivery) as cause
    from frozen_files
    inner join frozen_files as replacing
        on frozen_files.issue_key = replacing.issue_key
        and frozen_files.business_date = replacing.business_date
        and frozen_files.feed = replacing.feed
        and frozen_files.sequence < replacing.sequence
        and replacing.state = 'loaded'
    inner join ledger_deliveries
        on replacing.delivery = ledger_deliveries.delivery
        and ledger_deliveries.mode = 'replace'
    inner join withdrawals
        on replacing.delivery = withdrawals.delivery
    where frozen_files.state = 'withdrawn'
    group by frozen_files.issue_key, frozen_files.delivery, frozen_files.file_index
),

moves as (
    select
        former.issue_key,
        former.measure,
        former.record_key,
        former.event_date,
        former.org_level,
        former.class,
        former.is_composite,
        -former.counted as counted,
        coalesce(withdrawals.delivery, former.late_delivery, replacements.delivery) as delivery
    from former
    left join file_states
        on former.delivery = file_states.delivery
        and former.file_index = file_states.file_index
    left join withdrawals
        on former.delivery = withdrawals.delivery
    left join replacements
        on file_states.business_date = replacements.business_date
        and file_states.feed = replacements.feed
    union all
    select
        former.issue_key,
        former.measure,
        former.record_key,
        former.event_date_now,
        former.org_level_now,
        task_types.class,
        former.is_composite_now,
        former.counted_now,
        coalesce(withdrawals.delivery, former.late_delivery, replacements.delivery) as delivery
    from former
    left join task_types
        on former.task_type_now = task_types.task_type
    left join file_states
        on former.delivery = file_states.delivery
        and former.file_index = file_states.file_index
    left join withdrawals
        on former.delivery = withdrawals.delivery
    left join replacements
        on file_states.business_date = replacements.business_date
        and file_states.feed = replacements.feed
    union all
    select
        late_days.issue_key,
        winners.measure,
        winners.record_key,
        winners.event_date,
        winners.org_level,
        task_types.class,
        winners.is_composite,
        winners.counted,
        coalesce(returned.cause, winners.delivery) as delivery
    from late_days
    inner join winners
        on late_days.measure = winners.measure
        and late_days.delivery = winners.delivery
        and late_days.file_index = winners.file_index
        and late_days.event_date = winners.event_date
    anti join former
        on late_days.issue_key = former.issue_key
        and winners.measure = former.measure
        and winners.record_key = former.record_key
    left join returned
        on late_days.issue_key = returned.issue_key
        and winners.delivery = returned.delivery
        and winners.file_index = returned.file_index
    left join task_types
        on winners.task_type = task_types.task_type
),

-- a key that counts the same as before, though by another version, has changed nothing
changes_of_keys as (
    select
        changed_figures.issue_key,
        changed_figures.figure,
        moves.record_key,
        moves.delivery,
        sum(moves.counted) as change
    from changed_figures
    inner join moves
        on changed_figures.issue_key = moves.issue_key
        and changed_figures.measure = moves.measure
        and moves.event_date >= changed_figures.first_day
        and moves.event_date < changed_figures.cutoff_date + 1
    where moves.org_level = '2'
        and case when changed_figures.scope = 'composite' then moves.is_composite else moves.class = changed_figures.scope end
    group by changed_figures.issue_key, changed_figures.figure, moves.record_key, moves.delivery
    having sum(moves.counted) <> 0
)

select
    -- keys
    issue_key,
    figure,
    delivery,
    -- measures
    cast(sum(change) as bigint) as change
from changes_of_keys
where delivery is not null
group by issue_key, figure, delivery
