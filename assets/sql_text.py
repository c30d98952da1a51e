"""Names and texts as SQL, for statements that take no parameters, such as DDL and ``read_parquet``."""


def quoted(identifier: str) -> str:
    """``identifier`` as SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
