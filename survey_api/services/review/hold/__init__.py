"""A case in somebody's hands: who has it just now, words not yet sent, and kept views of the queue."""
