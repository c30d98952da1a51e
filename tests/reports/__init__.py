"""Tests of the reports step, on a published database made here by its interface."""
