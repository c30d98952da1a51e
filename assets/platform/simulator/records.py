"""Rows as text: what the platform writes into each column of the contract for an event.

Equal rows give equal text, so a row delivered again is the same row. How a file spells and breaks it is the files' business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.platform.contract import Feed
from assets.platform.simulator import people
from assets.platform.simulator.departments import Department, World
from assets.platform.simulator.events import DELETE, INSERT, UNSAID, UPDATE
from assets.platform.simulator.strata import PUBLIC_SERVICE, Flags, Ints
from assets.platform.simulator.text import DAY_SECONDS, blanked, compact_day, digits, fixed_text, time_text

_PROCESSES = ("收件", "受理", "审查", "现场核验", "决定", "制证", "送达")
_CERTIFICATES = ("营业执照", "经营许可证", "资质证书", "登记证书", "批准文书", "备案回执", "查询证明")
_CONTENTS = ("咨询办理材料", "咨询办理地点和时间", "询问办件进度", "咨询证照遗失补办", "咨询收费标准", "咨询网上申报操作")
_EXPLANATIONS = {
    1: "符合条件，准予办理",
    2: "不符合条件",
    3: "申请人主动撤回",
    4: "重复录入",
    5: "误录入",
    6: "已转报上级机关",
    9: "已办结",
}
_OPERATIONS = {INSERT: "I", UPDATE: "U", DELETE: "D", UNSAID: None}
_INSTANT_PERCENT = 40

Column = Callable[["Texts"], pl.Series]


@dataclass(frozen=True)
class Naming:
    """When the departments that have a former name take their new one: a time of writing, in seconds since 1970."""

    renamed_at: int

    def name(self, department: Department, written: int | None) -> str | None:
        """Return the name that a row written then bears; none without such a row."""
        if written is None:
            return None
        return department.former_name if department.former_name and written < self.renamed_at else department.name


@dataclass(frozen=True)
class Texts:
    """The rows of one file, and the lookups their columns are made from."""

    rows: pl.DataFrame
    world: World
    naming: Naming

    def ints(self, name: str) -> Ints:
        numbers: Ints = self.rows[name].to_numpy()
        return numbers

    def lookup(self, values: pl.Series | list[str] | tuple[str, ...], numbers: Ints) -> pl.Series:
        return (values if isinstance(values, pl.Series) else pl.Series(values)).gather(numbers)

    def of_department(self, name: str) -> pl.Series:
        return self.world.texts[name].gather(self.ints("org"))


def as_text(feed: Feed, rows: pl.DataFrame, world: World, naming: Naming) -> pl.DataFrame:
    """Return the columns of the contract in its order, English names, all String, null where blank; times to the second."""
    texts = Texts(rows, world, naming)
    columns = {column.name: _COLUMNS[feed.name, column.name](texts) for column in feed.columns}
    frame = pl.DataFrame(columns)
    bare = rows["bare"]
    if not bare.any():
        return frame
    kept = {*feed.key, "cd_time", "cd_operation"}
    return frame.with_columns(pl.when(~bare).then(pl.col(name)).alias(name) for name in frame.columns if name not in kept)


def _project(texts: Texts, prefix: str = "key") -> pl.Series:
    area = texts.ints("area" if prefix == "key" else f"{prefix}_area")
    day, seq = texts.ints(f"{prefix}_day"), texts.ints(f"{prefix}_seq")
    return fixed_text(digits(area, 6), "-", compact_day(day), "-", digits(seq, 6))


def _issuance(texts: Texts) -> pl.Series:
    # all digits: the kind of key that a spreadsheet turns into a number and cuts
    return fixed_text(compact_day(texts.ints("key_day")), digits(texts.ints("area"), 6), digits(texts.ints("key_seq"), 6))


def _consult(texts: Texts) -> pl.Series:
    return fixed_text("ZX", compact_day(texts.ints("key_day")), digits(texts.ints("key_seq"), 7))


def _at(after: int = 0, percent: int = 0) -> Column:
    """Event time and ``after`` seconds; blank in ``percent`` of a hundred rows."""

    def column(texts: Texts) -> pl.Series:
        times = time_text(texts.ints("day"), texts.ints("second") + after)
        return blanked(times, texts.ints("person") % 100 < percent) if percent else times

    return column


def _applied(texts: Texts) -> pl.Series:
    before = texts.ints("person") % 3
    return time_text(texts.ints("day") - before, np.maximum(texts.ints("second") - 300, 0))


def _promised(texts: Texts) -> pl.Series:
    promised = time_text(texts.ints("day") + 3 + texts.ints("item") % 18, np.full(len(texts.rows), 18 * 3600))
    return blanked(promised, _are_instant(texts))


def _are_instant(texts: Texts) -> Flags:
    return texts.ints("item") * 37 % 100 < _INSTANT_PERCENT


def _ended(texts: Texts) -> pl.Series:
    ended = time_text(texts.ints("day"), np.minimum(texts.ints("second") + 60 + texts.ints("person") % 1200, DAY_SECONDS - 1))
    return blanked(ended, texts.ints("person") % 50 == 0)


def _written(texts: Texts) -> pl.Series:
    written = texts.ints("cd")
    return time_text(written // DAY_SECONDS, written % DAY_SECONDS)


def _batch(texts: Texts) -> pl.Series:
    return fixed_text("B", compact_day(texts.ints("cd") // DAY_SECONDS))


def _org_name(texts: Texts) -> pl.Series:
    names, former = texts.of_department("org_name"), texts.of_department("former_name")
    named = pl.select(pl.when(texts.rows["cd"] < texts.naming.renamed_at).then(former).otherwise(names)).to_series()
    return blanked(named, texts.rows["nameless"].to_numpy())


def _task_type(texts: Texts) -> pl.Series:
    # 0 stands for none; below 10, a short row writes one digit
    kinds = texts.ints("kind")
    words = [None, *(f"{kind:02d}" for kind in range(1, 100)), *(str(kind) for kind in range(1, 10))]
    short = texts.rows["short"].to_numpy() & (kinds > 0) & (kinds < 10)
    return pl.Series(words, dtype=pl.String).gather(np.where(short, kinds + 99, kinds))


def _number(name: str, blank: int | None = None) -> Column:
    words = pl.Series([None if number == blank else str(number) for number in range(4096)], dtype=pl.String)
    return lambda texts: words.gather(texts.ints(name))


def _flag(texts: Texts) -> pl.Series:
    return texts.lookup(("0", "1"), texts.ints("composite").astype(np.int64))


def _operation(texts: Texts) -> pl.Series:
    return pl.Series([_OPERATIONS[operation] for operation in sorted(_OPERATIONS)], dtype=pl.String).gather(texts.ints("op"))


def _chosen(words: tuple[str, ...], seed: int = 0) -> Column:
    return lambda texts: texts.lookup(words, (texts.ints("person") >> seed) % len(words))


def _by_person(make: Callable[[Ints], pl.Series]) -> Column:
    return lambda texts: make(texts.ints("person"))


def _of_item(name: str) -> Column:
    return lambda texts: texts.lookup(texts.world.item_texts[name], texts.ints("item"))


def _certificate(texts: Texts) -> pl.Series:
    public = texts.ints("kind") == PUBLIC_SERVICE
    return texts.lookup(_CERTIFICATES, np.where(public, len(_CERTIFICATES) - 1, texts.ints("item") % (len(_CERTIFICATES) - 1)))


def _certificate_no(texts: Texts) -> pl.Series:
    return fixed_text("ZZ", digits(texts.ints("person") % 10**12, 12))


def _origin(texts: Texts) -> pl.Series:
    return blanked(_project(texts, "ref"), texts.ints("person") % 40 == 0)


_SHARED: Mapping[str, Column] = {
    "org_code": lambda texts: texts.of_department("org_code"),
    "org_name": _org_name,
    "org_level": lambda texts: texts.of_department("org_level"),
    "area_code": lambda texts: texts.of_department("area_code"),
    "task_type": _task_type,
    "is_composite": _flag,
    "cd_operation": _operation,
    "cd_time": _written,
    "cd_batch": _batch,
}
_OWN: Mapping[str, Mapping[str, Column]] = {
    "accept": {
        "project_no": _project,
        "task_code": _of_item("task_code"),
        "task_name": _of_item("task_name"),
        "apply_date": _applied,
        "accept_date": _at(),
        "promise_date": _promised,
        "project_type": lambda texts: texts.lookup(("2", "1"), _are_instant(texts).astype(np.int64)),
        "apply_type": _number("way"),
        "applyer_type": _by_person(people.kinds),
        "applyer_name": _by_person(people.names),
        "applyer_page_type": _by_person(people.paper_kinds),
        "applyer_page_code": _by_person(people.codes),
        "contact_name": _by_person(people.contacts),
        "contact_mobile": _by_person(people.telephones),
    },
    "process": {
        "project_no": _project,
        "step_no": _number("step"),
        "process_name": lambda texts: texts.lookup(_PROCESSES, (texts.ints("step") - 1) % len(_PROCESSES)),
        "event_name": _chosen(("1", "1", "1", "1", "1", "2", "3"), seed=5),
        "transfer_type": _number("value"),
        "event_start_time": _at(),
        "event_end_time": _ended,
        "handle_user_name": _by_person(people.officers),
    },
    "result": {
        "project_no": _project,
        "result_type": _number("value"),
        "result_date": _at(),
        "result_explain": lambda texts: texts.lookup([_EXPLANATIONS.get(kind, "") for kind in range(10)], texts.ints("value")),
        "handle_user_name": _by_person(people.officers),
    },
    "issue": {
        "issue_no": _issuance,
        "project_no": _origin,
        "cert_name": _certificate,
        "cert_no": _certificate_no,
        "issue_date": _at(),
        "pickup_type": _number("way"),
        "receiver_name": _by_person(people.contacts),
    },
    "consult": {
        "consult_no": _consult,
        "consult_date": _at(),
        "person_count": _number("value", blank=0),
        "channel": _number("way"),
        "content": _chosen(_CONTENTS, seed=4),
    },
}
_COLUMNS: Mapping[tuple[str, str], Column] = {
    (feed, name): column for feed, own in _OWN.items() for name, column in {**own, **_SHARED}.items()
}
