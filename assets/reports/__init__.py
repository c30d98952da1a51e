"""Marts → the bulletin of one issue (docx, html, md) and its figures workbook.

Reads the published database and the editorial files only. Freezing and revisions are recorded by the steps before;
here they are printed.
"""
