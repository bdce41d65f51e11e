"""A case from opened to closed."""
