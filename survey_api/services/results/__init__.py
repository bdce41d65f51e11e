"""What the answers meant, with reasons, never changed in place."""
