"""Jobs in many processes, and the canvas that they share."""
