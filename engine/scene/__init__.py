"""What painters paint: shapes, their outlines, and how they are drawn."""
