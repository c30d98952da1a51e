"""When it runs by itself: every morning, after the platform's nightly delivery."""

import dagster as dg

from pipelines.jobs import RUN_JOB


def schedules() -> list[dg.ScheduleDefinition]:
    """One daily run; the platform delivers about 02:10, the office reads at 08:00. Off until it is switched on in the UI."""
    return [
        dg.ScheduleDefinition(
            name="every_morning",
            job_name=RUN_JOB,
            cron_schedule="30 5 * * *",
            execution_timezone="Asia/Shanghai",
            description="每天 5:30 取入新批次并发布",
        )
    ]
