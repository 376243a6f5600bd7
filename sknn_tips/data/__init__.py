"""The rows and their batches."""
