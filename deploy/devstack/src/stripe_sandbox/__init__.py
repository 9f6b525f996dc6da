"""A development server that speaks the part of the Stripe API that payments uses."""
