"""Body, trachea and airways, sides, borders, dense disease and air that is not lung, found by density and shape."""
