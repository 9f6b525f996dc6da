"""What is said to whom, and when it is tried again, without any framework."""
