"""Who could be asked: the roster as it is read, compared and kept, without ever keeping a name."""
