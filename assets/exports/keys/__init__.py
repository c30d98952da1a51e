"""The key of the pseudonyms. Read ``secret.py`` first: where the key comes from, and its rotation."""
