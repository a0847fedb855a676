"""Simulations: from a resistivity section to what the instruments would read."""
