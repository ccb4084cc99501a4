"""The paint engine of MyPaint, libmypaint, through ctypes: brushes, surfaces, strokes, and paintings."""
