"""Departments in the office's order; those that it does not name follow by code."""

from collections.abc import Sequence
from dataclasses import replace

from assets.reports.facts.counts import OUTSIDE_DEPARTMENTS
from assets.reports.facts.facts import IssueFacts


def in_office_order(facts: IssueFacts, names: Sequence[str]) -> IssueFacts:
    """The facts with their lists of departments so ordered; counts of no department come last."""
    places = {name: place for place, name in enumerate(names)} | {OUTSIDE_DEPARTMENTS: len(names) + 1}
    departments = sorted(facts.composite_by_department, key=lambda counts: places.get(counts.name, len(names)))
    handbooks = sorted(facts.background.handbooks, key=lambda each: places.get(each.org_name, len(names)))
    background = replace(facts.background, handbooks=tuple(handbooks))
    return replace(facts, composite_by_department=tuple(departments), background=background)
