"""Staff sign in and out."""
