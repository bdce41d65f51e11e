"""The operator sees that the house is well; never an answer, never a name."""
