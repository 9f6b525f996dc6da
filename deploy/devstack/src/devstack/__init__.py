"""Runs the whole system on one machine: embedded servers, all processes, a supervisor that keeps them alive."""

SERVICES = ("catalog", "booking", "payments", "customers", "notifications")
