"""Pages for people: a child answers, a person decides, a city sees patterns."""
