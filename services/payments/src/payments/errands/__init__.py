"""Errands at Stripe: what needs several steps with the network between them. None holds a transaction meanwhile."""
