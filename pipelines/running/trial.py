"""``zhoubao run --dry-run``: the accounts of all that is pending, made in a folder that is removed afterwards."""

from datetime import date

from assets.exports.delivery import Intake, take_in
from assets.exports.lake.receipt import Receipts
from assets.exports.landing.scan import survey
from assets.exports.typing.pseudonym import PseudonymKey
from assets.home import Home
from assets.stray_files import trial_folder
from pipelines.running.outcome import DONE, NOTHING_TO_DO, QUARANTINED, Outcome, any_quarantined, held_entries, receipt_accounts
from pipelines.settings import Settings

# the pseudonyms of a trial are thrown away with it, so it needs no key of the home's
_TRIAL_KEY = PseudonymKey(b"a trial keeps nothing")


def try_out(settings: Settings, through: date | None = None) -> Outcome:
    """Read what is pending as a run would, and touch nothing of the home."""
    landing = survey(settings.landing_folder, Receipts(settings.place.lake), through, settings.bare_files)
    # it holds copies of originals for a while: the folder is 0700, and on a tmpfs they never reach a disk
    with trial_folder() as folder:
        home = Home(folder)
        home.prepare()
        intake = Intake(home, settings.landing_folder, _TRIAL_KEY, settings.limits, through)
        accounts = [account for receipt in take_in(landing.arrivals, intake) for account in receipt_accounts(receipt)]
    facts = {"accounts": accounts, "held": held_entries(landing)}
    if not accounts:
        return Outcome(NOTHING_TO_DO, facts)
    return Outcome(QUARANTINED if any_quarantined(accounts) else DONE, facts)
