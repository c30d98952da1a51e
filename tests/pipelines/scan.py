"""Looks for personal values in everything a home holds outside landing and archive: bytes as they lie, and every container opened."""

import gzip
import hashlib
import io
import json
import sqlite3
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import duckdb
import numpy as np
import pyarrow.parquet as pq

from tests.pipelines.canaries import People

PERMITTED = ("landing", "archive")


def found_in_home(home: Path, people: People) -> list[str]:
    """The files that hold a value of ``people``, with the value."""
    sought = Sought(needles(people))
    return [f"{path.relative_to(home)}: {hit}" for path in files_of(home) for hit in _hits(_contents(path), sought)]


def found_in(text: str, people: People) -> list[str]:
    return list(_hits([text.encode("utf-8", "surrogatepass")], Sought(needles(people))))


def files_of(home: Path) -> Iterator[Path]:
    for path in sorted(home.rglob("*")):
        if path.is_file() and path.relative_to(home).parts[0] not in PERMITTED:
            yield path


class Sought:
    """The byte strings looked for, by how they begin."""

    def __init__(self, needles: dict[bytes, str]) -> None:
        self.begins = np.zeros(1 << 24, np.bool_)
        self.by_beginning: defaultdict[bytes, list[tuple[bytes, str]]] = defaultdict(list)
        for needle, value in needles.items():
            self.begins[int.from_bytes(needle[:3], "little")] = True
            self.by_beginning[needle[:3]].append((needle, value))


def needles(people: People) -> dict[bytes, str]:
    """Byte string → the value that it gives away: every spelling in every encoding, and plain hashes of ID numbers."""
    found: dict[bytes, str] = {}
    for value in people.needles:
        spellings = {value, value.upper(), value.lower(), unicodedata.normalize("NFKC", value)}
        spellings |= {json.dumps(value)[1:-1], quote(value)}
        for spelling in spellings:
            for encoding in ("utf-8", "gb18030", "utf-16-le"):
                found[spelling.encode(encoding)] = value
    for number in people.id_numbers:
        for spelling in (number, number.lower(), number.upper()):
            for algorithm in ("md5", "sha1", "sha256"):
                digest = hashlib.new(algorithm, spelling.encode())
                found |= {digest.digest(): number, digest.hexdigest().encode(): number}
    return found


def _hits(contents: Iterable[bytes], sought: Sought) -> set[str]:
    """The values found. Three bytes of the beginning are looked up for all places at once: there are many needles and much to read."""
    whole = b"\n".join(contents)
    places = np.frombuffer(whole, np.uint8).astype(np.uint32)
    triples = places[:-2] | places[1:-1] << 8 | places[2:] << 16
    return {
        value
        for place in np.flatnonzero(sought.begins[triples]).tolist()
        for needle, value in sought.by_beginning[whole[place : place + 3]]
        if whole.startswith(needle, place)
    }


def _contents(path: Path) -> Iterator[bytes]:
    """The file's bytes, then what its container holds."""
    raw = path.read_bytes()
    yield raw
    if raw.startswith(b"PAR1"):
        yield _as_text(pq.read_table(path).to_pylist())
        # statistics and key-value metadata
        yield str(pq.read_metadata(path).to_dict()).encode()
    elif raw[8:12] == b"DUCK":
        yield from _duckdb_tables(path)
    elif raw.startswith(b"SQLite format 3"):
        yield from _sqlite_tables(path)
    elif raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif raw.startswith(b"\x1f\x8b"):
        yield gzip.decompress(raw)


def _duckdb_tables(path: Path) -> Iterator[bytes]:
    with duckdb.connect(path, read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables() where not internal").fetchall()
        for schema, table in tables:
            yield _as_text(connection.execute(f'select * from "{schema}"."{table}"').fetchall())
        yield _as_text(connection.execute("select sql from duckdb_views()").fetchall())


def _sqlite_tables(path: Path) -> Iterator[bytes]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in connection.execute(f'select * from "{table}"'):
                yield _as_text([cell for cell in row if not isinstance(cell, bytes)])
                yield from (unpacked for cell in row if isinstance(cell, bytes) for unpacked in (cell, _inflated(cell)))


def _inflated(blob: bytes) -> bytes:
    # Dagster packs the snapshots of jobs
    with suppress(zlib.error):
        return zlib.decompress(blob)
    return b""


def _as_text(rows: object) -> bytes:
    return str(rows).encode("utf-8", "surrogatepass")
