"""The numbers of the kinds of shapes, which settings know without a kernel; see kinds.py."""

LEAST_VERTICES, MOST_VERTICES = 3, 16  # of a polygon, whose kind is the number of its vertices
OTHER_KINDS = range(101, 108)
RECTANGLE, ROTATED_RECTANGLE, ELLIPSE, ROTATED_ELLIPSE, CIRCLE, LINE, BEZIER = OTHER_KINDS
