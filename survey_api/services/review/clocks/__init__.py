"""The clocks of the cases: what a city has set, when school is on, and who is asked next."""
