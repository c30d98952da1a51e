"""From the rows of a day to its deliveries on disk: parts become text, files and manifests, and are accounted for.

Which rows go where is the dealer's to say, how a file is spelled the styles'.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from assets.home import storage_errors
from assets.platform.contract import Feed, load_contract
from assets.platform.simulator.corrections import Delivered
from assets.platform.simulator.defects import Defect, with_defective_rows
from assets.platform.simulator.delivery import Accounts, Delivery
from assets.platform.simulator.departments import World
from assets.platform.simulator.files import SUFFIXES, Sheet, file_bytes
from assets.platform.simulator.listings import outdated, with_older_row
from assets.platform.simulator.mess import untidy, untidy_sheet
from assets.platform.simulator.mishaps import Dealer, Dispatch, Mishaps, Part, Place, plain_dispatch
from assets.platform.simulator.plan import Plan
from assets.platform.simulator.records import as_text
from assets.platform.simulator.style import FileStyle, Styles, sheet_of
from assets.platform.simulator.truth import Ledger


@dataclass
class Dispatcher:
    """Writes the deliveries of one day after the other; with ``mishaps``, untidily."""

    out: Path
    world: World
    plan: Plan
    styles: Styles
    rng: np.random.Generator
    ledger: Ledger
    mishaps: Mishaps | None
    _written: dict[Place, tuple[Path, Accounts]] = field(default_factory=dict)
    """the files that a later delivery has once more"""

    def deliver(self, day: date, delivered: Mapping[str, Delivered]) -> int:
        """Write the deliveries of ``day`` and return the number of their records."""
        if self.mishaps is None:
            dispatches = plain_dispatch(delivered)
        else:
            dispatches = Dealer(self.world, self.rng, self.mishaps).dispatches(day, delivered)
        # where a day is re-sent, its list of the handbook is too, and only the later one counts
        listing = max(dispatch.sequence for dispatch in dispatches if dispatch.mode == "upsert")
        return sum(self._write(day, dispatch, listing) for dispatch in dispatches)

    def _write(self, day: date, dispatch: Dispatch, listing: int) -> int:
        delivery = Delivery(self.out, day, dispatch.sequence, self.ledger, dispatch.mode)
        feeds = load_contract().feeds
        if dispatch.mode == "replace":
            self.ledger.withdraw(day, {part.feed for part in dispatch.parts})
        for part in dispatch.parts:
            self._add_part(delivery, feeds[part.feed], part)
        if day in self.plan.listing_days and dispatch.mode == "upsert":
            self._add_list(delivery, feeds["handbook"], is_last=dispatch.sequence == listing)
        if dispatch.sequence == 1:
            self._add_copy(delivery)
        return delivery.finish()

    def _add_part(self, delivery: Delivery, feed: Feed, part: Part) -> None:
        rows, last = (as_text(feed, rows, self.world, self.plan.naming) for rows in (part.rows, part.last))
        self._add(delivery, feed, rows, last, part.suffix, part.may_be_defective)

    def _add_list(self, delivery: Delivery, feed: Feed, is_last: bool) -> None:
        rows = self.plan.handbook.texts(delivery.day, self.world)
        if is_last:
            finished = rows["finished_date"].str.to_date()
            items = zip(rows["task_handle_item"], rows["org_code"], rows["org_name"], finished, strict=True)
            self.ledger.lists[delivery.day] = list(items)
        else:
            rows = outdated(self.rng, rows)
        if self.mishaps is not None:
            rows = with_older_row(self.rng, rows)
        self._add(delivery, feed, rows, rows.clear())

    def _add(
        self, delivery: Delivery, feed: Feed, rows: pl.DataFrame, last: pl.DataFrame, suffix: str = "", defective: bool = True
    ) -> None:
        style = self.styles.style(feed, delivery.day, self.rng)
        stem = f"{feed.name}_{delivery.name}{suffix}"
        defects: dict[int, Defect] = {}
        if defective and self.mishaps is not None and (delivery.day, feed.name) in self.mishaps.defective:
            rows, defects = with_defective_rows(self.rng, feed, delivery.day, rows, style.format == "xlsx")
        text = pl.concat([rows, last])
        sheet = _with_bad_cells(self._sheet(feed, text, style), defects)
        accounts = _accounts(feed, text, sheet, defects)
        name = f"{stem}.{SUFFIXES[style.format]}"
        delivery.add(name, feed.name, file_bytes(sheet, stem), accounts)
        if self.mishaps is not None and (delivery.day, feed.name) in self.mishaps.copied.values():
            self._written.setdefault((delivery.day, feed.name), (delivery.folder / name, accounts))

    def _sheet(self, feed: Feed, text: pl.DataFrame, style: FileStyle) -> Sheet:
        if style.mess is None:
            return sheet_of(feed, text, style)
        untidied = untidy(self.rng, feed, text, style.mess, style.format == "xlsx")
        return untidy_sheet(self.rng, sheet_of(feed, untidied, style), style.mess)

    def _add_copy(self, delivery: Delivery) -> None:
        """The bytes of an earlier file, under another name."""
        place = None if self.mishaps is None else self.mishaps.copied.get(delivery.day)
        if place is None:
            return
        path, accounts = self._written[place]
        with storage_errors(path):
            content = path.read_bytes()
        stem, _, ending = path.name.partition(".")
        delivery.add(f"{stem} (副本).{ending}", place[1], content, accounts)


def _with_bad_cells(sheet: Sheet, defects: Mapping[int, Defect]) -> Sheet:
    cells, numbers = sheet.cells, []
    for row, defect in defects.items():
        if defect.as_number:
            numbers.append((row, defect.column))
        else:
            cells = cells.with_columns(cells[defect.column].scatter(row, defect.text))
    return replace(sheet, cells=cells, workbook=replace(sheet.workbook, spoiled=tuple(numbers)))


def _accounts(feed: Feed, text: pl.DataFrame, sheet: Sheet, defects: Mapping[int, Defect]) -> Accounts:
    good = text.filter(~pl.int_range(pl.len()).is_in(list(defects))) if defects else text
    lines = sheet.lines() if defects else ()
    places = sorted((int(lines[row]), defect.column) for row, defect in defects.items())
    return Accounts(len(text), superseded=len(good) - good.select(feed.key).n_unique(), defects=tuple(places))
