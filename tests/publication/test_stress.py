"""A tenth of the stress of ``make faults``: readers never see a torn, missing or older publication, whatever kills the publisher."""

from pathlib import Path

from .stress import READERS, stress


def test_readers_see_whole_publications_in_their_order(tmp_path: Path) -> None:
    report = stress(tmp_path, publications=50, kills=5)
    assert report.errors == ()
    assert report.publications >= 50
    assert len(report.reads) == READERS
    # else it would prove nothing: readers that did not read, kills that met no publication
    assert min(report.reads) > 20
    assert max(report.versions_seen) > 10
    assert report.in_the_midst > 0
