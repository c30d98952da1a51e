"""The code lists of the published tables with their Chinese words: the source of ``marts.codes``, the dictionary and the bulletin.

The platform's own codes are in the feed contract; this module adds the project's.
"""

from dataclasses import dataclass

from assets.exports.typing.reasons import WORDING
from assets.platform.contract import load_contract

MEASURE_NAMES = {"consulted": "咨询", "accepted": "受理", "completed": "办结", "issued": "颁发", "transferred": "流转"}
CLASS_NAMES = {"licence": "行政许可", "public_service": "公共服务", "other_six": "其它6类行权事项"}
COMPOSITE = "省本级综窗"
COMPOSITE_MEASURES = ("consulted", "accepted", "issued", "transferred")
SHARE = "handbook.share"
FIGURE_NAMES = {
    **{f"composite.{measure}.week": f"{COMPOSITE}{MEASURE_NAMES[measure]}（本周）" for measure in COMPOSITE_MEASURES},
    **{f"composite.{measure}.ytd": f"{COMPOSITE}{MEASURE_NAMES[measure]}（今年以来）" for measure in COMPOSITE_MEASURES},
    **{
        f"{name}.{measure}.ytd": f"{word}{MEASURE_NAMES[measure]}（今年以来）"
        for name, word in CLASS_NAMES.items()
        for measure in ("accepted", "completed")
    },
    "handbook.finished.week": "本周完成受理工作手册的办理项",
    "handbook.finished.total": "累计完成受理工作手册的办理项",
    "handbook.items": "办理项总数",
    SHARE: "受理工作手册完成占比",
}
PERIOD_FIGURE_NAMES = {
    **{f"composite.{measure}": f"{COMPOSITE}{word}" for measure, word in MEASURE_NAMES.items()},
    **{
        f"{name}.{measure}": f"{word}{MEASURE_NAMES[measure]}"
        for name, word in CLASS_NAMES.items()
        for measure in ("accepted", "completed")
    },
}
# the platform's lists that published columns use, and those columns
_OF_THE_PLATFORM = {"org_level": ("org_level", "行使层级"), "task_type": ("task_type", "事项类型编码")}
_OWN: dict[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "class": ("公报类别", CLASS_NAMES, ("marts.task_types.class",)),
    "figure": (
        "公报数字",
        FIGURE_NAMES,
        ("marts.bulletin_figures.figure", "marts.published_figures.figure", "marts.revisions.figure"),
    ),
    "figure_status": (
        "数字状态",
        {
            "final": "已定稿，现值与定稿相同",
            "revised": "已定稿，现值不同，取定稿值",
            "provisional": "数据齐全，尚未定稿",
            "incomplete": "缺数据，不可取用",
        },
        ("marts.bulletin_figures.status",),
    ),
    "gap_reason": (
        "缺数原因",
        {"no_delivery": "当日没有批次", "no_file": "批次里没有这一种类", "quarantined": "文件整件隔离，尚未替换"},
        ("marts.coverage_gaps.reason",),
    ),
    "period_figure": (
        "走势数字",
        PERIOD_FIGURE_NAMES,
        ("marts.period_figures.figure", "marts.figure_changes.figure", "指标编码"),
    ),
    "period_kind": (
        "周期种类",
        {"week": "周", "ytd": "年累计", "month": "月", "quarter": "季", "to_date": "年初至某日"},
        ("marts.period_figures.period_kind", "marts.figure_changes.period_kind"),
    ),
    "change_status": (
        "可比与否",
        {
            "compared": "可比",
            "zero": "对象为 0，没有比率",
            "different_days": "天数不同，不可比，看日均",
            "festival": "只有一边含春节或国庆节，不可比",
            "no_days": "有一边只有期初数，没有逐日数字",
            "incomplete": "缺天，不可比",
            "missing": "没有对象",
            "none": "不适用",
        },
        (
            "marts.figure_changes.previous_status",
            "marts.figure_changes.year_earlier_status",
            "marts.figure_changes.festival_status",
        ),
    ),
    "delivery_state": (
        "批次状态",
        {"loaded": "已入库", "waiting": "等待", "conflict": "同名而内容已变", "withdrawn": "已全部被替换或已撤回"},
        ("meta.deliveries.state",),
    ),
    "delivery_mode": ("批次方式", {"upsert": "逐条更新", "replace": "替换当日同类"}, ("meta.deliveries.mode",)),
    "file_state": ("文件状态", {"loaded": "计入", "quarantined": "整件隔离", "withdrawn": "被替换或撤回"}, ("meta.files.state",)),
    "severity": ("严重程度", {"ERROR": "不通过则不发布", "WARN": "提示", "INFO": "仅记录"}, ("quality.checks.severity",)),
    "check_status": (
        "检查结果",
        {"passed": "通过", "failed": "数据不符合规则", "broken": "检查本身未能执行"},
        ("quality.checks.status",),
    ),
    "publication_change": (
        "发布变动的种类",
        {"table": "各表行数", "records": "计入的记录数", "month": "各月合计", "day": "往日", "figure": "各期公报数字"},
        ("meta.publication_changes.kind",),
    ),
}


@dataclass(frozen=True)
class PublishedCodes:
    """One code list: its Chinese name, its codes, and the columns (``schema.table.column``) that hold them.

    A column of several tables is named without its table. ``source`` is the standard that the list is of.
    """

    name: str
    values: dict[str, str]
    columns: tuple[str, ...]
    source: str | None = None


def published_codes() -> dict[str, PublishedCodes]:
    """Every code list of the published tables, by its name in ``marts.codes``."""
    contract = load_contract()
    platform = {
        name: PublishedCodes(contract.codes[name].name, contract.codes[name].values, columns, contract.codes[name].source)
        for name, columns in _OF_THE_PLATFORM.items()
    }
    own = {name: PublishedCodes(title, values, columns) for name, (title, values, columns) in _OWN.items()}
    feeds = {feed.name: feed.title for feed in contract.feeds.values()}
    reasons = {reason.value: wording.text for reason, wording in WORDING.items()}
    return {
        **platform,
        **own,
        "feed": PublishedCodes("数据种类", feeds, ("meta.files.feed", "meta.quarantine.feed")),
        "reason_code": PublishedCodes("隔离与提示的原因", reasons, ("reason_code",)),
    }
