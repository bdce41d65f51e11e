"""Answers of single children without anything that says who: for the lab, by two people, and for nobody else."""
