"""Tips on how training goes: rates, gradients, units."""
