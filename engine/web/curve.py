"""How the error of a painting has fallen: few points, however long it is painted."""

from __future__ import annotations

from collections.abc import Iterable

MOST = 300  # points
CLOSEST = 0.1  # seconds from one to the next at first; twice that each time when there are too many

Point = tuple[float, float]  # seconds of painting, error


class Curve:
    """Points in the order of their seconds; those come in that are far enough from the one before."""

    def __init__(self, points: Iterable[Point] = ()) -> None:
        """points: what another one had."""
        self._points = [(seconds, error) for seconds, error in points]
        self._apart = CLOSEST
        self._thin()

    @property
    def points(self) -> list[Point]:
        """As they are now."""
        return list(self._points)

    def go_back_to(self, seconds: float) -> None:
        """Forget what came later: painting goes on from there."""
        self._points = [point for point in self._points if point[0] <= seconds]

    def add(self, seconds: float, error: float, is_last: bool = False) -> bool:
        """Take in another point, unless it is too close to the one before; whether it was taken.

        is_last: it comes in however close it is, in the place of the one before.
        """
        point = (round(seconds, 2), round(error, 6))
        gap = round(point[0] - self._points[-1][0], 2) if self._points else self._apart
        if gap < self._apart and not is_last:
            return False
        if self._points and (gap <= 0 or (gap < self._apart and len(self._points) > 1)):
            self._points.pop()
        self._points.append(point)
        self._thin()
        return True

    def _thin(self) -> None:
        while len(self._points) > MOST:
            self._apart *= 2
            self._points = [*self._points[:-1:2], self._points[-1]]
