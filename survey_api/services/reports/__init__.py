"""通告: suspicion told to child guidance or the city at once, without waiting for certainty."""
