"""Networks: their cards and files, what they are shown, how they run, and the lungs that follow from their answer."""
