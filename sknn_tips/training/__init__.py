"""Training of a network: the loop over epochs, schedules, stopping, evaluation and L-BFGS."""
