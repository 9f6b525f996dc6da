"""What is read without changing anything."""
