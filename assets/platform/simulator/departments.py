"""The invented world the events happen in: departments of three levels and their items, the same in every simulation.

Names follow the kinds of departments there are; codes, towns and items are made up.
"""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import polars as pl

from assets.platform.identifiers import credit_code_check_character
from assets.platform.simulator.strata import KIND_OF, LEVEL_OF, LEVELS, NO_KIND, PUBLIC_SERVICE, UNKNOWN_KIND, Ints

_PROVINCIAL = [
    "省发展改革委",
    "经济和信息化厅",
    "教育厅",
    "科技厅",
    "省民族宗教委",
    "公安厅",
    "民政厅",
    "司法厅",
    "财政厅",
    "人力资源社会保障厅",
    "自然资源厅",
    "生态环境厅",
    "住房城乡建设厅",
    "交通运输厅",
    "水利厅",
    "农业农村厅",
    "商务厅",
    "文化和旅游厅",
    "省卫生健康委",
    "应急管理厅",
    "退役军人厅",
    "省市场监管局",
    "省广电局",
    "省体育局",
    "省林草局",
    "省药监局",
    "省文物局",
    "省人防办",
    "省新闻出版局",
    "省粮食和物资储备局",
    "省地方金融监管局",
    "省知识产权服务中心",
]
_CITY = [
    "云岭市行政审批局",
    "云岭市公安局",
    "临江市行政审批局",
    "临江市人力资源社会保障局",
    "南屏市行政审批局",
    "锦溪市行政审批局",
    "锦溪市医疗保障局",
]
# 䶮 is outside GBK: whoever decodes GB18030 as GBK loses this county
_COUNTY = [
    "白鹿县行政审批局",
    "白鹿县民政局",
    "䶮江县行政审批局",
    "松坪县行政审批局",
    "松坪县公安局",
    "石桥区行政审批局",
    "石桥区卫生健康局",
    "柳溪区行政审批局",
]
# the names two of them had before they were renamed, in the middle of a simulation
FORMER_NAMES = {"省知识产权服务中心": "省知识产权保护中心", "柳溪区行政审批局": "柳溪区政务服务局"}

_TOPICS = [
    "养老机构",
    "社会团体",
    "建筑施工企业",
    "道路运输",
    "食品生产",
    "药品经营",
    "医疗机构",
    "民办学校",
    "取水工程",
    "林木采伐",
    "危险化学品",
    "网络文化",
    "出版物",
    "广播电视",
    "体育场馆",
    "文物保护单位",
    "人防工程",
    "测绘单位",
    "排污单位",
    "种子生产",
    "渔业捕捞",
    "旅行社",
    "会计师事务所",
    "律师执业",
    "公证员",
    "保安公司",
    "特种设备",
    "计量器具",
    "职业资格",
    "社会保险",
    "住房公积金",
    "不动产",
    "婚姻登记",
    "残疾人补贴",
    "退役士兵",
    "科技企业",
    "外商投资",
    "粮食收购",
    "融资担保",
    "专利代理",
]
_ACTIONS: dict[int, tuple[str, ...]] = {
    1: ("设立许可", "变更许可", "延续许可"),
    2: ("违法行为处罚",),
    3: ("查封扣押",),
    4: ("费用征收",),
    5: ("补助给付", "津贴给付"),
    6: ("年度检查",),
    7: ("资质确认", "等级认定"),
    8: ("先进表彰",),
    9: ("争议裁决",),
    10: ("备案", "报告受理"),
    PUBLIC_SERVICE: ("信息查询", "证明打印", "档案借阅", "业务指南", "进度查询"),
}
# items of each task type at each level: enough that every class is spread over many departments
_ITEMS = {1: 80, 2: 6, 3: 4, 4: 6, 5: 12, 6: 6, 7: 24, 8: 4, 9: 4, 10: 20, PUBLIC_SERVICE: 120}


@dataclass(frozen=True)
class Department:
    """One department; ``area`` is the first half of its 12-digit area code."""

    code: str
    name: str
    level: int
    area: int

    @property
    def former_name(self) -> str | None:
        return FORMER_NAMES.get(self.name)


@dataclass(frozen=True)
class World:
    """Departments, and items sorted by level and task type so that a stratum's items lie together."""

    departments: tuple[Department, ...]
    item_department: Ints
    item_kind: Ints
    item_names: tuple[str, ...]
    first_item: Ints
    """of each stratum"""
    item_count: Ints
    """of each stratum"""

    @cached_property
    def areas(self) -> Ints:
        return np.array([department.area for department in self.departments], dtype=np.int64)

    @cached_property
    def levels(self) -> Ints:
        return np.array([department.level for department in self.departments], dtype=np.int64)

    @cached_property
    def texts(self) -> dict[str, pl.Series]:
        """Column → one text per department, for lookup by department number."""
        return {
            "org_code": pl.Series([department.code for department in self.departments]),
            "org_name": pl.Series([department.name for department in self.departments]),
            "former_name": pl.Series([department.former_name or department.name for department in self.departments]),
            "org_level": pl.Series([str(department.level) for department in self.departments]),
            "area_code": pl.Series([f"{department.area}000000" for department in self.departments]),
        }

    @cached_property
    def item_texts(self) -> dict[str, pl.Series]:
        """Column → one text per item. A code has 31 characters: the department's credit code, its level, and 12 of its own."""
        codes = [
            f"{self.departments[department].code}{self.departments[department].level}{kind:02d}{number:010d}"
            for number, (department, kind) in enumerate(zip(self.item_department, self.item_kind, strict=True), start=1)
        ]
        return {"task_code": pl.Series(codes), "task_name": pl.Series(self.item_names)}

    def department_named(self, name: str) -> int:
        return next(number for number, department in enumerate(self.departments) if department.name == name)


@cache
def load_world() -> World:
    """Return the world; nothing of it is random."""
    departments = (*_departments(2, _PROVINCIAL), *_departments(3, _CITY), *_departments(4, _COUNTY))
    blocks = [(level, kind) for level in LEVELS for kind in _ITEMS]
    sizes = np.array([_ITEMS[kind] if level == LEVELS[0] else max(2, _ITEMS[kind] // 4) for level, kind in blocks])
    starts = dict(zip(blocks, np.concatenate([[0], np.cumsum(sizes)[:-1]]), strict=True))
    owners = [
        owner
        for (level, _), size, start in zip(blocks, sizes, starts.values(), strict=True)
        for owner in _owners(departments, level, size, start)
    ]
    # an unknown type, or none, is a public service whose type was not written properly
    homes = [
        (int(level), PUBLIC_SERVICE if kind in (UNKNOWN_KIND, NO_KIND) else int(kind))
        for level, kind in zip(LEVEL_OF, KIND_OF, strict=True)
    ]
    kinds = np.repeat([kind for _, kind in blocks], sizes)
    return World(
        departments,
        item_department=np.array(owners, dtype=np.int64),
        item_kind=kinds.astype(np.int64),
        item_names=tuple(_item_name(int(kind), number) for number, kind in enumerate(kinds)),
        first_item=np.array([starts[home] for home in homes], dtype=np.int64),
        item_count=np.array([sizes[blocks.index(home)] for home in homes], dtype=np.int64),
    )


def _departments(level: int, names: list[str]) -> tuple[Department, ...]:
    return tuple(Department(_credit_code(level, number), name, level, _area(level, number)) for number, name in enumerate(names))


def _area(level: int, number: int) -> int:
    # cities and counties of 519xxx exist in no list
    return {2: 510000, 3: 519000 + 100 * (number // 2 + 1), 4: 519121 + number // 2}[level]


def _credit_code(level: int, number: int) -> str:
    # 1 机构编制, 1 机关 (GB 32100-2015, annex A), area, and nine characters in the organisation code's place
    body = f"11{_area(level, number)}MB{level}{(number * 7919 + 137) % 100000:05d}{number % 10}"
    return body + credit_code_check_character(body)


def _owners(departments: tuple[Department, ...], level: int, size: int, start: int) -> list[int]:
    of_level = [number for number, department in enumerate(departments) if department.level == level]
    # a step prime to the number of departments gives each its turn, in another order for each task type
    return [of_level[(start + position * 11) % len(of_level)] for position in range(size)]


def _item_name(kind: int, number: int) -> str:
    actions = _ACTIONS[kind]
    return f"{_TOPICS[number % len(_TOPICS)]}{actions[number // len(_TOPICS) % len(actions)]}"
