"""Who may: roles, scope, sign-in, tickets, and the sealing of a school's data."""
