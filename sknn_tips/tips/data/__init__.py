"""Tips on the data: features, targets and validation set."""
