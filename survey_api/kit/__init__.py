"""Generic tools that know no question, score or case."""
