"""The samples and their batches."""
