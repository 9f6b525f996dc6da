"""What stands outside: the database, the payments service, the catalogue service."""
