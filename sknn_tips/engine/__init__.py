"""The engine: one training step as a fixed list of calls on fixed buffers, without autograd."""
