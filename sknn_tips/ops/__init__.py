"""The engine's alphabet: operations on buffers as data, and what runs lists of them."""
