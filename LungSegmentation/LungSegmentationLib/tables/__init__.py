"""Measures as tables, and tables as CSV, workbook and JSON files."""
