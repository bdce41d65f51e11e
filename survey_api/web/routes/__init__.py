"""The JSON routes, one file per noun."""
