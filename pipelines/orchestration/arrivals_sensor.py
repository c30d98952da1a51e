"""What starts a run when a delivery is complete, and says meanwhile what it waits for."""

import hashlib
import json
from collections.abc import Sequence

import dagster as dg

from assets.exports.lake.receipt import Receipts
from assets.exports.landing.known_hashes import KnownHashes
from assets.exports.landing.scan import Arrival, Landing, survey
from assets.guard import gated
from pipelines.orchestration.jobs import RUN_JOB
from pipelines.settings import Settings

_MOST_NAMED = 10


def arrivals_sensor(settings: Settings) -> dg.SensorDefinition:
    """A run for each set of complete deliveries, once; on where the settings say so."""
    # each look would hash all that has arrived
    hashes = KnownHashes()
    at = settings.automation

    @dg.sensor(
        name="arrivals",
        job_name=RUN_JOB,
        minimum_interval_seconds=at.look_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING if at.enabled else dg.DefaultSensorStatus.STOPPED,
        description="批次到齐（清单所写的文件都在，大小和 SHA-256 相符）即运行；没有到齐的，每次查看都写明在等什么",
    )
    @gated
    def arrivals(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        found = survey(
            settings.landing_folder,
            Receipts(settings.place.lake),
            bare=settings.bare_files,
            days_ahead=settings.business_days_ahead,
            hashes=hashes,
        )
        return look(found, context.cursor)

    return arrivals


def look(found: Landing, cursor: str | None) -> dg.SensorResult | dg.SkipReason:
    """A run for what arrived, unless one was asked for it before; ``cursor`` is the key of the last one."""
    key = _key_of(found.arrivals)
    if found.arrivals and key != cursor:
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=key)], cursor=key)
    return dg.SkipReason(_waiting_words(found))


def _key_of(arrivals: Sequence[Arrival]) -> str:
    """The same for the same deliveries with the same files."""
    content = [[one.manifest.delivery, *(file.sha256 for file in one.manifest.files)] for one in arrivals]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _waiting_words(found: Landing) -> str:
    if found.arrivals:
        names = ", ".join(arrival.manifest.delivery for arrival in found.arrivals[:_MOST_NAMED])
        return f"已为 {names} 发起过运行，在等它结束；失败的看运行记录，更正后发起任务 run"
    if not found.held:
        return "没有新批次，等平台下一批"
    held = "；".join(f"{one.delivery}（{one.state}）：{one.note}" for one in found.held[:_MOST_NAMED])
    more = f"；另有 {len(found.held) - _MOST_NAMED} 批" if len(found.held) > _MOST_NAMED else ""
    return f"没有到齐的批次：{held}{more}"
