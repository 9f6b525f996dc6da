"""A development server that speaks the part of Stripe's API which the system uses, with state, webhooks and faults."""
