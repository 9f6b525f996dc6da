"""What payments does and why, without any framework: pure functions over facts that Stripe told."""
