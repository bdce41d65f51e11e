"""The web door: what any page or JSON route needs, and the JSON routes."""
