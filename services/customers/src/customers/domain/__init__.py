"""Rules of accounts, passwords, permissions and statistics."""
