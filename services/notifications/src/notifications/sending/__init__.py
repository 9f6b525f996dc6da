"""Writing messages out and handing them over."""
