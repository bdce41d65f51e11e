"""Copies that can be put back: both databases and the notes of the trail, sealed to a key that is not here."""
