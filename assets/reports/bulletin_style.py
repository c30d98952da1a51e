"""How a site prints its bulletin; read at start, so that nothing heavy is imported here."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class BulletinStyle(BaseModel):
    """``[bulletin]`` of zhoubao.toml.

    ``number_line`` is where 期号 stands to the title; ``comparisons`` adds the sentence that compares the week with the issue before;
    ``department_order`` are names of departments in the office's order, all others follow by code.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number_line: Literal["below", "above"] = "below"
    comparisons: bool = False
    department_order: tuple[str, ...] = ()


DEFAULT_STYLE = BulletinStyle()
