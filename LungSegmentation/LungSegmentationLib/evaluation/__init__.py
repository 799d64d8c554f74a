"""Agreement with a reference: of one result, and of many with statistics."""
