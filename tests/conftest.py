"""The properties here load files and build tables: on a busy machine an example may take any time, and a time proves nothing."""

from hypothesis import settings

settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")
