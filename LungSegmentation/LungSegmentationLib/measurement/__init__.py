"""Volume, surface, density and area of what was segmented, from one count of the voxels."""
