"""Tips on underfitting, overfitting and the quality of predictions on new samples."""
