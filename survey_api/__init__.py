"""The service: what happens, in which order, and who may."""
