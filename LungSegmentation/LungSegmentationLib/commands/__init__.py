"""The command ``lungsegmentation``: one file for each of its commands."""
