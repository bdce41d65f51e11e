"""Names that were opened: for how long, and which opening still has to be looked at."""
