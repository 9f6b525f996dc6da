"""Tables, password hashing, the list of common passwords."""
