"""The database and Stripe."""
