"""Which pixels a cell of a layer's map sees."""

from __future__ import annotations

from typing import NamedTuple

BORDER = 4  # one in so many of the cells that see beyond a picture are left out


class Cells(NamedTuple):
    """A layer's map along one side: cell i sees pixels start + i * stride to start + i * stride + size.

    The end is excluded; what is outside of the picture a network takes for its zero.
    """

    stride: int = 1
    start: int = 0
    size: int = 1

    def through(self, kernel: int, stride: int = 1, padding: int = 0) -> Cells:
        """The map after a convolution, or a pooling, of this one."""
        return Cells(
            self.stride * stride, self.start - padding * self.stride, self.size + (kernel - 1) * self.stride
        )

    def inner(self, side: int, count: int) -> slice:
        """The cells that count, of a map of a picture that has `count` of them: all but its border.

        side: of the picture, pixels. A cell sees little of what is far from its middle: so of those that see
        beyond the picture only the outermost quarter is left out, and never more than a third of all.
        """
        before = -(self.start // self.stride) if self.start < 0 else 0
        after = max(count - ((side - self.size - self.start) // self.stride + 1), 0)
        first, last = (min(-(-beyond // BORDER), count // 3) for beyond in (before, after))
        return slice(first, count - last)
