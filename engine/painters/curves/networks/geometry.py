"""Which pixels a cell of a layer's map sees."""

from __future__ import annotations

from typing import NamedTuple


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

    def inside(self, side: int, count: int) -> slice:
        """The cells that see nothing outside of a picture, of a map that has `count` of them.

        side: of the picture, pixels. Deep layers have none such, so the middle third is always among them.
        """
        first = -(self.start // self.stride) if self.start < 0 else 0
        last = (side - self.size - self.start) // self.stride + 1  # excluded
        third = count // 3
        first, last = min(first, third), max(min(last, count), count - third)
        return slice(first, last)

    @property
    def reach(self) -> int:
        """How far a cell sees from its middle, pixels."""
        return -(-self.size // 2)
