"""Window and level presets."""
