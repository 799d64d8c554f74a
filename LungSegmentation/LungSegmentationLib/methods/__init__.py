"""The segmentation methods: one file for each, and what the classical ones share."""
