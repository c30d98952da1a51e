"""Which keys of refused rows may be kept: only those that have the form of a case's number and of nothing personal.

In a row whose cells have slipped, the key's column may hold anybody's name or number; a key that is dropped costs no more than
that the row is settled by a replacing delivery alone. Rows whose structure is broken have no key to begin with.
"""

import polars as pl

MAX_CHARACTERS = 64
# numbers of cases are written so; the blank, the comma, the @ and every Chinese character are not of it
_CASE_NUMBER = rf"^[0-9A-Z][0-9A-Z_./-]{{0,{MAX_CHARACTERS - 1}}}$"
_DIGIT = r"[0-9]"
# the parts of a key, as `project_no/step_no`; within a part, a number may be written in groups
_PART_END, _GROUP_END = "/", r"[-_./]"

# Each of a whole part, its groups run together, and of each group by itself.
_PERSONAL = "|".join(
    (
        # resident ID (GB 11643) of 15 or 18 characters, a mistyped one too; bank cards (16 to 19 digits)
        r"[0-9]{14,18}[0-9X]",
        # mobile numbers, with the country's code or without
        r"(?:0?0?86)?1[3-9][0-9]{9}",
        # fixed lines with their area code, and the emergency form of 400 numbers
        r"0[0-9]{9,11}",
        r"[48]00[0-9]{7}",
        # passports and permits to Hong Kong, Macao and Taiwan
        r"[A-Z]{1,2}[0-9]{7,9}",
        # residence permits of foreigners before 2023; since then they have the form of an ID
        r"[A-Z]{3}[0-9]{12}",
        # unified credit code (GB 32100): of a sole trader it stands for a person
        r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}",
    )
)
# an ID with its date of birth, or a mobile number, behind or before letters
_WITHIN = r"(?:^|[^0-9])(?:[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9]{4}[0-9X]|1[3-9][0-9]{9})(?:[^0-9]|$)"
_LOOKS_PERSONAL = rf"^(?:{_PERSONAL})$|{_WITHIN}"


def safe_record_key(keys: pl.Series) -> pl.Series:
    """The same keys (String, upper-cased), null where one may be somebody's name or number."""
    name = keys.name
    distinct = keys.rename("key").to_frame().with_row_index("row")
    parts = (
        distinct.filter(pl.col("key").str.contains(_CASE_NUMBER) & pl.col("key").str.contains(_DIGIT))
        .with_columns(pl.col("key").str.split(_PART_END).alias("part"))
        .explode("part")
        .with_columns(pl.col("part").str.replace_all(_GROUP_END, "").alias("joined"))
        .with_columns(pl.col("part").str.replace_all(_GROUP_END, "/").str.split("/").alias("group"))
        .explode("group")
    )
    personal = pl.any_horizontal(pl.col("joined", "group").str.contains(_LOOKS_PERSONAL))
    sound = parts.group_by("row", "key").agg(personal.any().alias("is_personal")).filter(~pl.col("is_personal"))
    return distinct.join(sound.select("row", pl.col("key").alias("kept")), on="row", how="left").sort("row")["kept"].rename(name)
