"""Lake → warehouse: the ledger, the SQL models in ``sql/`` and the order they are built in."""
