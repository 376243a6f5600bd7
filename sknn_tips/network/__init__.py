"""What is trained: activations, initialisers, layers, losses and the module built of them."""
