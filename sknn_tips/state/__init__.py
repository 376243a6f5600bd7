"""What a fit is asked for, and what it carries on."""
