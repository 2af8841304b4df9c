"""Bytes of a source → entries, and when to look again; pure, for workers that may be killed."""
