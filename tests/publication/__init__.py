"""Tests of the publication, on small tables of invented departments."""
