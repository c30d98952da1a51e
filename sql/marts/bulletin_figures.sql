/*
description: 公报各期的数字，及其能否取用
grain: [issue_key, figure]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: "期号，如 2023-34"}
  figure: {type: VARCHAR, description: "数字名称，如 composite.accepted.week"}
  value: {type: DOUBLE, description: "数值；占比为 0–1", nullable: false}
  unit: {type: VARCHAR, description: "单位：人次、件、项、占比", nullable: false, values: {人次: 咨询, 件: 办件, 项: 办理项, 占比: 0–1 的比}}
  numerator: {type: BIGINT, description: "分子；计数即其本身", nullable: false}
  denominator: {type: BIGINT, description: "分母；计数为空"}
  window_start: {type: DATE, description: "统计起日：周数为统计周首日，年累计为 1 月 1 日，截至数为空"}
  cutoff_date: {type: DATE, description: "截止日", nullable: false}
  status: {type: VARCHAR, description: "状态", nullable: false, values: {final: 已定稿且现值与定稿相同, revised: 已定稿而现值不同, provisional: 数据齐全而尚未定稿, incomplete: 缺数据}}
  value_to_use: {type: DOUBLE, description: "应取用的数值：定稿的为定稿值，未定稿而齐全的为现值，缺数据的为空"}
  why: {type: VARCHAR, description: "状态的缘由", nullable: false}
nuance: value 是现值；取用看 value_to_use。定稿值不因其后缺数据或更正而变。每个数字只看它所数的那一种数据是否齐全。composite 为省本级综窗（层级 2 且综窗）；licence、public_service、other_six 为省级（层级 2）全部，两者不可相加。没有手册清单或没有年累计的期缺相应数字，不以 0 充数。
checks: [grain_is_unique]
*/

with weekly_counts as (
    select * from marts.weekly_counts
),

cumulative_counts as (
    select * from marts.cumulative_counts
),

handbook_progress as (
    select * from marts.handbook_progress
),

published_figures as (
    select * from marts.published_figures
),

issue_feed_days as (
    select * from core.issue_feed_days
),

delivered_feeds as (
    select * from core.delivered_feeds
),

codes as (
    select * from ref.codes
),

task_types as (
    select * from marts.task_types
),

issue_windows as (
    select * from core.issue_windows
),

issues as (
    select
        issue_key,
        window_start,
        cutoff_date,
        year_start,
        has_year_to_date
    from issue_windows
    where has_figures
),

-- 省本级综窗: the province's own level and the composite window
composite_week as (
    select
        issues.issue_key,
        coalesce(sum(weekly_counts.consulted), 0) as consulted,
        coalesce(sum(weekly_counts.accepted), 0) as accepted,
        coalesce(sum(weekly_counts.completed), 0) as completed,
        coalesce(sum(weekly_counts.issued), 0) as issued,
        coalesce(sum(weekly_counts.transferred), 0) as transferred
    from issues
    left join weekly_counts
        on issues.issue_key = weekly_counts.issue_key
        and weekly_counts.org_level = '2'
        and weekly_counts.is_composite
    group by issues.issue_key
),

composite_year as (
    select
        issues.issue_key,
        coalesce(sum(cumulative_counts.consulted), 0) as consulted,
        coalesce(sum(cumulative_counts.accepted), 0) as accepted,
        coalesce(sum(cumulative_counts.completed), 0) as completed,
        coalesce(sum(cumulative_counts.issued), 0) as issued,
        coalesce(sum(cumulative_counts.transferred), 0) as transferred
    from issues
    left join cumulative_counts
        on issues.issue_key = cumulative_counts.issue_key
        and cumulative_counts.org_level = '2'
        and cumulative_counts.is_composite
    where issues.has_year_to_date
    group by issues.issue_key
),

classes as (
    select distinct class
    from task_types
    where class is not null
),

-- 省级政务服务事项, by class
provincial_year as (
    select
        issues.issue_key,
        classes.class,
        coalesce(sum(cumulative_counts.accepted) filter (where task_types.class = classes.class), 0) as accepted,
        coalesce(sum(cumulative_counts.completed) filter (where task_types.class = classes.class), 0) as completed
    from issues
    cross join classes
    left join cumulative_counts
        on issues.issue_key = cumulative_counts.issue_key
        and cumulative_counts.org_level = '2'
    left join task_types
        on cumulative_counts.task_type = task_types.task_type
    where issues.has_year_to_date
    group by issues.issue_key, classes.class
),

handbook as (
    select
        issue_key,
        max(list_date) as list_date,
        sum(finished_in_week) as finished_in_week,
        sum(finished_total) as finished_total,
        sum(items_total) as items_total
    from handbook_progress
    group by issue_key
),

-- a list that came after the one in force and could not be taken
refused_lists as (
    select distinct handbook.issue_key
    from handbook
    inner join issues
        on handbook.issue_key = issues.issue_key
    inner join delivered_feeds
        on delivered_feeds.feed = 'handbook'
        and not delivered_feeds.is_whole
        and delivered_feeds.business_date >= handbook.list_date
        and delivered_feeds.business_date <= issues.cutoff_date
),

figures as (
    select issue_key, 'composite.consulted.week' as figure, '人次' as unit, 'week' as period, consulted as numerator, null as denominator
    from composite_week
    union all
    select issue_key, 'composite.consulted.ytd', '人次', 'year', consulted, null
    from composite_year
    union all
    select issue_key, 'composite.accepted.week' as figure, '件' as unit, 'week' as period, accepted as numerator, null as denominator
    from composite_week
    union all
    select issue_key, 'composite.accepted.ytd', '件', 'year', accepted, null
    from composite_year
    union all
    select issue_key, 'composite.issued.week' as figure, '件' as unit, 'week' as period, issued as numerator, null as denominator
    from composite_week
    union all
    select issue_key, 'composite.issued.ytd', '件', 'year', issued, null
    from composite_year
    union all
    select issue_key, 'composite.transferred.week' as figure, '件' as unit, 'week' as period, transferred as numerator, null as denominator
    from composite_week
    union all
    select issue_key, 'composite.transferred.ytd', '件', 'year', transferred, null
    from composite_year
    union all
    select issue_key, class || '.accepted.ytd', '件', 'year', accepted, null
    from provincial_year
    union all
    select issue_key, class || '.completed.ytd', '件', 'year', completed, null
    from provincial_year
    union all
    select issue_key, 'handbook.finished.week', '项', 'week', finished_in_week, null
    from handbook
    union all
    select issue_key, 'handbook.finished.total', '项', 'all', finished_total, null
    from handbook
    union all
    select issue_key, 'handbook.items', '项', 'all', items_total, null
    from handbook
    union all
    select issue_key, 'handbook.share', '占比', 'all', finished_total, items_total
    from handbook
),

-- the value of each, and the feed that it counts
measured as (
    select
        issue_key,
        figure,
        period,
        cast(numerator as double) / coalesce(denominator, 1) as value,
        case split_part(figure, '.', 2)
            when 'consulted' then 'consult'
            when 'accepted' then 'accept'
            when 'completed' then 'result'
            when 'issued' then 'issue'
            when 'transferred' then 'process'
            else 'handbook'
        end as feed
    from figures
),

-- how many days of its own feed each figure lacks
covered as (
    select
        measured.issue_key,
        measured.figure,
        measured.value,
        codes.code_name as feed_name,
        coalesce(
            case measured.period
                when 'week' then issue_feed_days.week_days - issue_feed_days.week_days_delivered
                when 'year' then greatest(issue_feed_days.year_days - issue_feed_days.year_days_delivered, 0)
            end,
            0
        ) as days_missing,
        measured.feed = 'handbook' and refused_lists.issue_key is not null as lacks_list
    from measured
    left join issue_feed_days
        on measured.issue_key = issue_feed_days.issue_key
        and measured.feed = issue_feed_days.feed
    left join refused_lists
        on measured.issue_key = refused_lists.issue_key
    left join codes
        on codes.code_list = 'feed'
        and codes.code = measured.feed
),

frozen_issues as (
    select distinct issue_key
    from published_figures
),

judged as (
    select
        covered.issue_key,
        covered.figure,
        published_figures.value as published_value,
        frozen_issues.issue_key is not null as is_frozen,
        covered.feed_name,
        covered.days_missing,
        covered.lacks_list,
        case
            when published_figures.value = covered.value then 'final'
            when published_figures.value is not null then 'revised'
            when frozen_issues.issue_key is not null then 'incomplete'
            when covered.days_missing > 0 or covered.lacks_list then 'incomplete'
            else 'provisional'
        end as status
    from covered
    left join published_figures
        on covered.issue_key = published_figures.issue_key
        and covered.figure = published_figures.figure
    left join frozen_issues
        on covered.issue_key = frozen_issues.issue_key
)

select
    -- keys
    figures.issue_key,
    figures.figure,
    -- the figure
    cast(figures.numerator as double) / coalesce(figures.denominator, 1) as value,
    figures.unit,
    cast(figures.numerator as bigint) as numerator,
    cast(figures.denominator as bigint) as denominator,
    -- what it covers
    case figures.period
        when 'week' then issues.window_start
        when 'year' then issues.year_start
    end as window_start,
    issues.cutoff_date,
    -- what may be used
    judged.status,
    case judged.status
        when 'provisional' then cast(figures.numerator as double) / coalesce(figures.denominator, 1)
        else judged.published_value
    end as value_to_use,
    case
        when judged.status = 'final' then '已定稿，现值与定稿值相同'
        when judged.status = 'revised' then '已定稿，其后数据有更正，取定稿值；差异见 marts.revisions'
        when judged.status = 'provisional' then '数据齐全，尚未定稿'
        when judged.is_frozen then '已定稿，定稿时没有此数'
        when judged.lacks_list then '截止日前最近一份清单整件隔离，尚未替换'
        when figures.period = 'week' then '统计周缺 ' || judged.days_missing || ' 天的' || judged.feed_name
        else '年累计区间缺 ' || judged.days_missing || ' 天的' || judged.feed_name
    end as why
from figures
-- Every figure has a judgement. A left join keeps what the judgement reads out of the value's lineage; that no status is empty
-- is promised in the header and checked before publishing.
left join judged
    on figures.issue_key = judged.issue_key
    and figures.figure = judged.figure
inner join issues
    on figures.issue_key = issues.issue_key
