"""Answers in, explained assessment out: pure rules and points, no file, no clock, no database."""
