"""A person decides about a case."""
