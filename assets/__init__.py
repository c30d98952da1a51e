"""What is made: one package per step of the flow, in this order.

platform (the export interface) → exports → warehouse → quality → publication → reports. A step imports the steps before
it, never after; only files named ``assets.py`` or ``checks.py`` import dagster.
"""
