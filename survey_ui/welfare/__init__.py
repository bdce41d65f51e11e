"""Patterns over groups, never a child."""
