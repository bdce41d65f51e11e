"""What was done, by whom and why, in a chain that shows any edit."""
