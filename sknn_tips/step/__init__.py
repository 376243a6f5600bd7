"""One step of training, and a forward pass."""
