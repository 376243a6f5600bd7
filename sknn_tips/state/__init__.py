"""The plan of a fit, and the state that training continues from."""
