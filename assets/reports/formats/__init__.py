"""The composed bulletin in each format: Word, web page, Markdown, workbook. Words are decided before; here are fonts and marks."""
