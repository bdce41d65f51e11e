"""One file, one story across rooms, one transaction."""
