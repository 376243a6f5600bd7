"""The network: activations, initializers, layers, losses, and the memory of its parameters."""
