"""The network: activations, initialisers, layers, losses, and the storage of its parameters."""
