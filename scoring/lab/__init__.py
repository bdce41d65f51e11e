"""Data in, proposed numbers and reports out; nothing here runs while a child answers."""
