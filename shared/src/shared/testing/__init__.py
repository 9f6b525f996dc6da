"""Real servers for tests and for development: PostgreSQL, RabbitMQ and Valkey, each private to its folder."""
