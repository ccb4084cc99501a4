"""What of a picture's file makes its pixels, and what else in it matters: colour and orientation."""
