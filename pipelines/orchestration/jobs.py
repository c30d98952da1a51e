"""The jobs: all that is pending in one run, and the bulletin of an issue; one process, since the warehouse has one writer."""

import dagster as dg

RUN_JOB = "run"
BULLETIN_JOB = "bulletin"

JOBS = [
    dg.define_asset_job(
        RUN_JOB,
        selection=dg.AssetSelection.all() - dg.AssetSelection.groups("reports"),
        description="与 zhoubao run 相同：取入全部待入库批次，重算，检查，发布；没有新内容就什么也不发布",
        executor_def=dg.in_process_executor,
    ),
    dg.define_asset_job(
        BULLETIN_JOB,
        selection=dg.AssetSelection.groups("reports"),
        description="所选各期的公报；不选即发布库中最近一期",
        executor_def=dg.in_process_executor,
    ),
]
