"""Tests of what needs Slicer's application: the module file, and the bench that stands for the application."""
