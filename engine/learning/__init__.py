"""How a network learns what a brush's strokes look like: strokes of a real engine, training, figures."""
