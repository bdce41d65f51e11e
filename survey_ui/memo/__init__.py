"""The door of people who notice something: leave a memo, ask whether it was received."""
