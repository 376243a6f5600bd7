"""The engine's operations on buffers, described as data, and the executors that run them."""
