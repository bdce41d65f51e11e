"""Random checks: a person reads sheets without a flag, and says what is there before the machine does."""
