"""What one run leaves for the next, beside the warehouse."""
