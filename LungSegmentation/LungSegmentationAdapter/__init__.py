"""What knows both Slicer and the engine: nodes, tables, scene files. No algorithm is here."""
