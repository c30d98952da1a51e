"""What runs at a time: a run every morning, whatever has arrived, and the draft of an issue on the evening of its cut-off."""

from datetime import date, time
from zoneinfo import ZoneInfo

import dagster as dg

from assets.calendar import Issue, issues, load_working_days
from assets.publication.store.manifest import known_manifest
from assets.reports.assets import note_issues
from pipelines.orchestration.jobs import BULLETIN_JOB, RUN_JOB
from pipelines.settings import Settings

_ZONE = "Asia/Shanghai"


def schedules(settings: Settings) -> list[dg.ScheduleDefinition]:
    """On where the settings say so; what is switched in the UI stays as it was switched."""
    on = settings.automation.enabled
    status = dg.DefaultScheduleStatus.RUNNING if on else dg.DefaultScheduleStatus.STOPPED
    at = settings.automation

    @dg.schedule(
        name="draft_of_the_issue",
        job_name=BULLETIN_JOB,
        # the delivery of the cut-off's own day may come in the night after it
        cron_schedule=sorted({_daily(at.draft_at), _daily(time((at.run_at.hour + 1) % 24, at.run_at.minute))}),
        execution_timezone=_ZONE,
        description="截止日的晚上（批次夜里才到的，次日早上）印该期草稿",
        default_status=status,
    )
    def draft(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        manifest = known_manifest(settings.place)
        note_issues(context.instance, manifest.issues if manifest else ())
        return draft_due(settings, context.scheduled_execution_time.astimezone(ZoneInfo(_ZONE)).date())

    return [
        dg.ScheduleDefinition(
            name="every_morning",
            job_name=RUN_JOB,
            cron_schedule=_daily(at.run_at),
            execution_timezone=_ZONE,
            description=f"每天 {at.run_at:%H:%M} 运行一次，无论是否有新批次：没有新内容就什么也不发布，只核对应到的日子",
            default_status=status,
        ),
        draft,
    ]


def draft_due(settings: Settings, day: date) -> dg.RunRequest | dg.SkipReason:
    """The draft of the newest issue whose cut-off is reached on ``day``, once its figures are published; else why not."""
    home = settings.place
    known = issues(settings.calendar, load_working_days(home.calendar_file))
    reached = [issue for issue in known if issue.cutoff_date <= day]
    if not reached:
        return dg.SkipReason("工作日历里没有截止日已到的期")
    issue = reached[-1]
    if any((home.reports / issue.issue_key).glob("bulletin-*")):
        return dg.SkipReason(f"{issue.issue_key} 已经印过；{_next_words(known, issue)}")
    manifest = known_manifest(home)
    if manifest is None or issue.issue_key not in manifest.issues:
        return dg.SkipReason(f"{issue.issue_key} 还没有数字，等截止日 {issue.cutoff_date} 的批次")
    return dg.RunRequest(run_key=f"draft {issue.issue_key}", partition_key=issue.issue_key)


def _next_words(known: list[Issue], issue: Issue) -> str:
    later = [other.cutoff_date for other in known if other.cutoff_date > issue.cutoff_date]
    return f"下一截止日 {min(later)}" if later else "下一年的放假安排还没有"


def _daily(at: time) -> str:
    return f"{at.minute} {at.hour} * * *"
