"""The office's words for what does not fit in the head of an editorial file; keys are named, values never.

A key that is not ours is not repeated either: in a list of people it may be a name.
"""

from collections.abc import Mapping
from typing import Any

KEYS = {
    "主办单位": "publisher",
    "日期": "date",
    "送": "send",
    "发": "distribute",
    "印数": "copies",
    "名单": "entries",
    "部门": "department",
    "职务": "post",
    "姓名": "name",
}
CHINESE = {key: name for name, key in KEYS.items()}
NOT_YAML = "文件头不是正确的 YAML：键后用英文冒号加一个空格，引号、括号要成对，行首空格要对齐"
NO_SUCH_DAY = "历法中没有这一天"
NOT_A_MAPPING = "文件头应是「键: 值」各行"
_EXPECTED = {
    "string_type": "应是文字；是数字的请加引号",
    "string_too_short": "不能空着",
    "int_type": "应是整数，不加引号",
    "greater_than_equal": "应不小于{ge}",
    "string_too_long": "不能超过{max_length}个字",
    "list_type": "应是列表，每项以「- 」开头",
    "model_type": "这一项应写明部门、职务、姓名",
}


def shown_key(key: str) -> str:
    """``印数（copies）``; a key that is not ours is not repeated."""
    return f"{CHINESE[key]}（{key}）" if key in CHINESE else "这个键"


def fault_text(fault: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """One fault of the model in Chinese; ``keys`` are those that the place may have."""
    kind, place = str(fault["type"]), fault["loc"]
    name = "、".join(f"第{part + 1}项" if isinstance(part, int) else shown_key(part) for part in place)
    if kind == "missing":
        return f"缺少{name}"
    if kind == "extra_forbidden":
        allowed = "、".join(map(shown_key, keys))
        return f"不认识这个键；{f'可用的键是{allowed}' if keys else '本文件没有文件头，请删去两行 --- 及其间各行'}"
    if kind.startswith("date"):
        return f"{name}应是日期，写作 2023-09-11，不加引号"
    return f"{name}{_EXPECTED.get(kind, '不合要求').format(**fault.get('ctx', {}))}"
