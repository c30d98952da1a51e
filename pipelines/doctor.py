"""``zhoubao doctor``: examines every part of the home, changes nothing, and ends with an exit code for the worst finding.

What a step keeps is examined in that step (``examination.py``); here are the parts of the machine, and the order.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta

from assets.calendar import load_working_days
from assets.clock import beijing_now
from assets.condition import Condition, State, command, of_error
from assets.errors import ZhoubaoError
from assets.exports.examination import examine_archive, examine_key, examine_lake
from assets.exports.lake.receipt import FileReceipt, Receipt
from assets.exports.lake.restoring import remakable
from assets.guard import is_interruption, without_values
from assets.home import Home
from assets.home_examination import examine_layout, examine_leftovers, examine_rights
from assets.publication.examination import examine_publication
from assets.reports.formats.word_page import STAND_INS
from assets.warehouse.connection import lock_holder
from assets.warehouse.examination import examine_freezes, examine_warehouse
from pipelines.alerts.rules import kind_of
from pipelines.alerts.told import read_told
from pipelines.orchestration.records_examination import examine_dagster, examine_journal
from pipelines.resources import intake_of
from pipelines.running.disk import disk_condition
from pipelines.settings import Settings

_CALENDAR_AHEAD = timedelta(days=60)


def examine(settings: Settings, hashed: bool) -> list[Condition]:
    """The condition of each part, in the order in which to fix them: each may need those before it.

    Where the archive is not to be ``hashed``, its originals are compared by size. Nothing is changed.
    """
    home = settings.place
    secret = settings.secret_key
    key_text = secret.get_secret_value().encode() if secret else None
    parts: tuple[tuple[str, Callable[[], Iterator[Condition]]], ...] = (
        ("lock", lambda: _lock(home)),
        ("disk", lambda: iter([disk_condition(home)])),
        ("modes", lambda: _modes(home)),
        ("rights", lambda: examine_rights(home)),
        ("key", lambda: examine_key(home, key_text, settings.secret_key_file)),
        ("calendar", lambda: _calendar(home)),
        ("fonts", _fonts),
        # a run, which later parts may name, needs Dagster's configuration
        ("dagster", lambda: examine_dagster(home)),
        ("archive", lambda: examine_archive(home, settings.archive_days_to_keep is None, hashed)),
        ("lake", lambda: examine_lake(home, lambda receipt, file: _remakable(settings, receipt, file))),
        ("freezes", lambda: examine_freezes(home)),
        ("warehouse", lambda: examine_warehouse(home)),
        ("publication", lambda: examine_publication(home)),
        ("journal", lambda: examine_journal(home)),
        ("alerts", lambda: _alerts(settings)),
        ("leftovers", lambda: examine_leftovers(home, lock_holder(home) is not None)),
    )
    found: list[Condition] = list(examine_layout(home))
    # lake and warehouse are examined as this program's layout has them, and of a newer home nothing is known
    layout = found[0].state
    for name, look in () if layout is State.REFUSED else parts:
        if layout is not State.SOUND and name in {"lake", "warehouse"}:
            continue
        try:
            # one by one: what was found before an error stays
            for condition in look():
                found.append(condition)
        except BaseException as error:
            if is_interruption(error):
                raise
            # one part that cannot be looked at hides none of the others; damage can show as any error of a library
            found.append(of_error(name, without_values(error)))
    return found


def _remakable(settings: Settings, receipt: Receipt, file: FileReceipt) -> set[str]:
    if settings.secret_key is None and not (settings.secret_key_file or settings.place.key_file).exists():
        # without the key nothing is read again, and here none is made
        return set()
    try:
        return remakable(receipt, file, intake_of(settings)[0])
    except ZhoubaoError:
        return set()


def exit_code_of(conditions: list[Condition]) -> int:
    """8 where anything is damaged, else 7 where disk or permission fail, else 0."""
    return max((condition.state.exit_code for condition in conditions), default=0)


def _lock(home: Home) -> Iterator[Condition]:
    holder = lock_holder(home)
    if holder is None:
        yield Condition("lock", State.SOUND, "nobody writes")
        return
    words = f"{holder['purpose']}, pid {holder['pid']} on {holder['host']}, since {holder['since']}"
    yield Condition("lock", State.SOUND, f"held by {words}")


def _alerts(settings: Settings) -> Iterator[Condition]:
    """By kind alone: what follows in an address may be a token."""
    kinds = ", ".join(kind_of(address) for address in settings.alerts.addresses())
    failed_at = read_told(settings.place)["failed_at"]
    if kinds and failed_at:
        note = f"an address ({kinds}) did not take the message of {failed_at[:16].replace('T', ' ')}; the next run tries again"
        yield Condition("alerts", State.NOTICE, note, command("zhoubao", "alerts", "test"))
    else:
        yield Condition("alerts", State.SOUND, f"go to {kinds}" if kinds else "go to nobody: [alerts] in zhoubao.toml is empty")


def _modes(home: Home) -> Iterator[Condition]:
    private = (home.archive, home.lake, home.quarantine, home.warehouse, home.reports, home.editorial, home.dagster)
    open_ones = [path for path in private if path.exists() and path.stat().st_mode & 0o077]
    for path in open_ones:
        yield Condition("modes", State.NOTICE, f"{path} can be read by others", command("chmod", "go=", path))
    if not open_ones:
        yield Condition("modes", State.SOUND, "only published/ is for others")


def _calendar(home: Home) -> Iterator[Condition]:
    days = load_working_days(home.calendar_file)
    ahead = beijing_now().date() + _CALENDAR_AHEAD
    if days.knows(ahead):
        yield Condition("calendar", State.SOUND, f"working days are known through {ahead}")
    else:
        yield Condition("calendar", State.NOTICE, f"{ahead}: no holiday notice is known", days.to_fill_in(ahead))


def _fonts() -> Iterator[Condition]:
    """Fonts matter where the Word file is opened or printed; a server that only writes it needs none."""
    lister = shutil.which("fc-list")
    if lister is None:
        yield Condition("fonts", State.NOTICE, "fc-list is not installed, so the fonts here are not known")
        return
    listed = subprocess.run([lister, "--format", "%{family}\n"], capture_output=True, text=True, timeout=60, check=False).stdout
    families = {name.strip() for line in listed.splitlines() for name in line.split(",")}
    missing = [font for font, stand_in in STAND_INS.items() if not families & {font, stand_in}]
    if missing:
        note = f"neither here nor a stand-in: {', '.join(missing)}"
        yield Condition("fonts", State.NOTICE, note, "needed only where the Word file is opened or turned into PDF")
    else:
        yield Condition("fonts", State.SOUND, "those of the Word file, or their stand-ins, are here")
