"""Who follows the epochs of a fit: callbacks, and what is shown of it."""
