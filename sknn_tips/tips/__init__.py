"""Tips on problems of a fit: each check examines the record that training has written."""
