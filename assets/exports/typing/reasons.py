"""The one list of reasons why a record, a file or a value is not taken as it is, in the staff's words.

A reason never holds a value: what was wrong is found by delivery, file, line and column.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

PLATFORM = "平台方"
DATA_TEAM = "数据组"


class Reason(StrEnum):
    """Why something was quarantined or warned of; the value is what ``meta.quarantine.reason_code`` holds."""

    # of a record
    MISSING_REQUIRED = "missing_required"
    INVALID_TIME = "invalid_time"
    INVALID_CODE = "invalid_code"
    INVALID_NUMBER = "invalid_number"
    INVALID_FLAG = "invalid_flag"
    EVENT_AFTER_BUSINESS_DATE = "event_after_business_date"
    FIELD_COUNT = "field_count"
    BROKEN_QUOTES = "broken_quotes"
    NUL_CHARACTER = "nul_character"
    FIELD_TOO_LONG = "field_too_long"
    DIGITS_LOST = "digits_lost"
    PERSONAL_NUMBER = "personal_number"
    # of a file
    EMPTY_FILE = "empty_file"
    UNKNOWN_ENCODING = "unknown_encoding"
    UNKNOWN_FORMAT = "unknown_format"
    HEADER_UNKNOWN = "header_unknown"
    HEADER_MISSING_COLUMN = "header_missing_column"
    HEADER_DUPLICATE_COLUMN = "header_duplicate_column"
    ROW_COUNT = "row_count"
    OPEN_QUOTE = "open_quote"
    LINE_ENDS = "line_ends"
    PARSERS_DISAGREE = "parsers_disagree"
    DAMAGED_ARCHIVE = "damaged_archive"
    ARCHIVE_MEMBERS = "archive_members"
    ARCHIVE_NESTED = "archive_nested"
    ARCHIVE_ENCRYPTED = "archive_encrypted"
    ARCHIVE_TOO_LARGE = "archive_too_large"
    ARCHIVE_RATIO = "archive_ratio"
    ARCHIVE_PATH = "archive_path"
    ARCHIVE_METHOD = "archive_method"
    DAMAGED_WORKBOOK = "damaged_workbook"
    WORKBOOK_TOO_WIDE = "workbook_too_wide"
    WORKBOOK_LIMITS = "workbook_limits"
    # warnings: the value was read as blank, or kept, and the row counts
    UNKNOWN_CODE = "unknown_code"
    IMPOSSIBLE_VALUE = "impossible_value"
    NO_FINAL_LINE_END = "no_final_line_end"
    UNKNOWN_COLUMN = "unknown_column"


@dataclass(frozen=True)
class Wording:
    """A reason in Chinese words, and who fixes it."""

    text: str
    who_fixes: str


WORDING: dict[Reason, Wording] = {
    Reason.MISSING_REQUIRED: Wording("必填列为空", PLATFORM),
    Reason.INVALID_TIME: Wording("时间无法识别或不可能", PLATFORM),
    Reason.INVALID_CODE: Wording("代码不在代码表内", PLATFORM),
    Reason.INVALID_NUMBER: Wording("不是符合要求的整数", PLATFORM),
    Reason.INVALID_FLAG: Wording("是否标志既非 1/0 也非 是/否", PLATFORM),
    Reason.EVENT_AFTER_BUSINESS_DATE: Wording("事件日期晚于批次业务日期", PLATFORM),
    Reason.FIELD_COUNT: Wording("字段个数与表头不符", PLATFORM),
    Reason.BROKEN_QUOTES: Wording("引号不成对或位置不对", PLATFORM),
    Reason.NUL_CHARACTER: Wording("含有空字符（NUL）", PLATFORM),
    Reason.FIELD_TOO_LONG: Wording("单个字段超过 64 KiB", PLATFORM),
    Reason.DIGITS_LOST: Wording("16 位以上的编号被存成数字，末位已丢失", PLATFORM),
    Reason.PERSONAL_NUMBER: Wording("编码、名称或主键像证件、电话或银行卡号码，疑为错列", PLATFORM),
    Reason.EMPTY_FILE: Wording("文件为空，连表头也没有", PLATFORM),
    Reason.UNKNOWN_ENCODING: Wording("编码既不是 UTF-8 也不是 GB18030", PLATFORM),
    Reason.UNKNOWN_FORMAT: Wording("文件格式不是 csv、csv.gz、zip 或 xlsx", PLATFORM),
    Reason.HEADER_UNKNOWN: Wording("表头没有一列能与接口对上（可能是乱码或其他表）", PLATFORM),
    Reason.HEADER_MISSING_COLUMN: Wording("表头缺少必填列", PLATFORM),
    Reason.HEADER_DUPLICATE_COLUMN: Wording("表头中同一列出现两次", PLATFORM),
    Reason.ROW_COUNT: Wording("记录数与清单不符", PLATFORM),
    Reason.OPEN_QUOTE: Wording("引号未闭合，后续记录无法区分", PLATFORM),
    Reason.LINE_ENDS: Wording("各行只以回车符（CR）结尾，应为 CRLF 或 LF", PLATFORM),
    Reason.PARSERS_DISAGREE: Wording("两种方法数出的记录数不一致", DATA_TEAM),
    Reason.DAMAGED_ARCHIVE: Wording("压缩文件已损坏", PLATFORM),
    Reason.ARCHIVE_MEMBERS: Wording("压缩包内的数据文件不是恰好一个", PLATFORM),
    Reason.ARCHIVE_NESTED: Wording("压缩包内又有压缩文件", PLATFORM),
    Reason.ARCHIVE_ENCRYPTED: Wording("压缩包已加密", PLATFORM),
    Reason.ARCHIVE_TOO_LARGE: Wording("解压后超过大小上限", PLATFORM),
    Reason.ARCHIVE_RATIO: Wording("压缩比超过上限", PLATFORM),
    Reason.ARCHIVE_PATH: Wording("压缩包内的路径越出所在文件夹", PLATFORM),
    Reason.ARCHIVE_METHOD: Wording("压缩方法不受支持（只认存储和 Deflate）", PLATFORM),
    Reason.DAMAGED_WORKBOOK: Wording("工作簿已损坏或无法打开", PLATFORM),
    Reason.WORKBOOK_TOO_WIDE: Wording("工作表超过 256 列", PLATFORM),
    Reason.WORKBOOK_LIMITS: Wording("读取工作簿超出内存或时间上限", DATA_TEAM),
    Reason.UNKNOWN_CODE: Wording("代码不在代码表内，已按“未知”或“其他”计", PLATFORM),
    Reason.IMPOSSIBLE_VALUE: Wording("选填列的值不可能，已按空值处理", PLATFORM),
    Reason.NO_FINAL_LINE_END: Wording("最后一行没有换行符，可能被截断", PLATFORM),
    Reason.UNKNOWN_COLUMN: Wording("接口之外的列，未读取", PLATFORM),
}


class FileDefectError(Exception):
    """The whole file cannot be taken. ``records`` is how many it holds where they could be counted, else ``None``.

    ``keys`` are those of all its records (String), where each is known.
    """

    def __init__(
        self,
        reason: Reason,
        column: str | None = None,
        records: int | None = None,
        detail: str = "",
        keys: "pl.Series | None" = None,
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.column = column
        self.records = records
        # facts for the data team such as counts or an encoding's name; never a value
        self.detail = detail
        self.keys = keys
