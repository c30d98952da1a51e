"""The files of the lake. Read ``receipt.py`` first, then ``parquet_file.py`` and ``sealed.py``."""
