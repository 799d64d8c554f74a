"""Files of a result: label maps, pictures, report, summary; all of them or none."""
