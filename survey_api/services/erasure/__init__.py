"""What must go and when, what holds it back, and the proof that it went."""
