"""Marts → the bulletin of one issue (docx, html, md) and its figures workbook.

Reads the published database and the editorial files; what is frozen goes to the lake. Only an explanation's deliveries are counted
from the private warehouse.
"""
