"""Whether the watch works, and its sources do: decided from plain values, with `now` passed in."""
