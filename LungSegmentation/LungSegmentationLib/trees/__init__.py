"""Trees of vessels and airways: middle lines, branches, their order and their walls."""
