"""Tips on training: learning rates, gradients, units."""
