"""Rooms with one concept each; none knocks on the wall of another."""
