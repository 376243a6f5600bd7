"""Training steps: the updates of the weights, in three tiers."""
