"""Something waits for you: an outbox without personal content."""
