"""What was said in each thread."""
