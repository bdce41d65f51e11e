"""The school office: rosters, waves, tickets, progress."""
