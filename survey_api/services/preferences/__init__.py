"""How one member of staff wants to work."""
