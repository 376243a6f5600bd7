"""What is computed of predictions, and what is monitored."""
