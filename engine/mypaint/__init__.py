"""The paint engine of MyPaint, libmypaint, by way of ctypes: brushes, surfaces, strokes and paintings of them."""
