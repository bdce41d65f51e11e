"""A child answers in peace."""
