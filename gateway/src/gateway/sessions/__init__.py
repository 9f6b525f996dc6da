"""Server-side sessions, kept in Valkey."""
