"""What goes wrong in a fit: one check a tip, over the plain record that training wrote."""
