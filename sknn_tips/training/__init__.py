"""How it is trained: batches, optimizers, schedules, the loop, and the skorch net that holds it."""
