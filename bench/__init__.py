"""Measures the whole system on the machine at hand: speed, CPU per request, lag of events, memory."""
