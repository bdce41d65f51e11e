"""When a class is asked which bank, and with which tickets."""
