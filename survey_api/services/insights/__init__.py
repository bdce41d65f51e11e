"""Counts over groups of children: planned, rounded, attacked, signed, and only then shown."""
