"""Review of many results in a browser: the table of a folder of results, its outliers, and the ratings of those who look."""
