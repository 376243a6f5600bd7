"""Tips on how well it fits, and what it is worth on other rows."""
