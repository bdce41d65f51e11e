"""The statistics lab: simulated children and, later, proposed numbers; never in a request."""
