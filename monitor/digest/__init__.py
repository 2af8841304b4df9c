"""Which digest is due, and what stands in it: pure."""
