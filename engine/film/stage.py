"""Shots become pictures: the painting, and what is shown beside it, over it and below it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from engine.alpha import over_white
from engine.film.layout import LEADING, Layout, font_of, words_of
from engine.film.script import Shot
from engine.film.track import Figures, Track
from engine.grid import Grid
from engine.image import Pixels
from engine.picture import Place

PAPER, INK = (24, 24, 27), (236, 236, 240)  # of the words
LINE, SHARE = 255, 0.35  # grey of the tiles' borders, and how much of it is mixed in
WORKED_ON = (255, 196, 0)


@dataclass(frozen=True)
class Stage:
    """Draws shots; a value, so that threads can share it."""

    track: Track
    layout: Layout
    target: Pixels | None  # of the layout's size; None where it isn't shown
    grid: Grid | None  # whose tiles are shown

    def picture(self, shot: Shot) -> Pixels:
        """What is seen."""
        painting = self._target() if shot.shows == "target" else self._painting(shot)
        layout = self.layout
        if (layout.height, layout.width) == layout.panel:
            return painting
        frame = np.empty((layout.height, layout.width, 3), np.uint8)
        frame[:] = PAPER
        height, width = layout.panel
        frame[:height, layout.painting_x :] = painting
        if layout.painting_x:
            frame[:height, :width] = self._target()
        if layout.columns and shot.shows != "target":
            self._write(frame[height:], self.track.figures(shot.at))
        return frame

    def _painting(self, shot: Shot) -> Pixels:
        pixels = over_white(self.track.scene(shot.at).draw(*self.layout.panel))
        if shot.wiped:
            edge = round(shot.wiped * pixels.shape[1])
            pixels[:, :edge] = self._target()[:, :edge]
            pixels[:, edge : edge + self._thickness()] = INK
        place = self.track.work(shot.at)
        if self.grid and place and shot.shows == "painting":
            self._rule(pixels, self.grid, place)
        return pixels

    def _target(self) -> Pixels:
        assert self.target is not None  # for the type checker: a film that shows it has it
        return self.target

    def _thickness(self) -> int:
        return max(1, round(max(self.layout.panel) / 540))

    def _rule(self, pixels: Pixels, grid: Grid, place: Place) -> None:
        """Draw the borders of a grid's tiles, and the tile that was worked on."""
        tiles = grid.tiles(place.level, place.lay)
        thin = self._thickness()
        for y in {tile.y0 for tile in tiles} - {0}:
            self._mix(pixels[_beside(y * pixels.shape[0] / grid.height, thin)])
        for x in {tile.x0 for tile in tiles} - {0}:
            self._mix(pixels[:, _beside(x * pixels.shape[1] / grid.width, thin)])
        scale = np.array([pixels.shape[1] / grid.width, pixels.shape[0] / grid.height] * 2)
        x0, y0, x1, y1 = np.rint(place.box * scale).astype(int).tolist()
        thick = 2 * thin
        for strip in np.s_[y0 : y0 + thick, x0:x1], np.s_[max(y1 - thick, y0) : y1, x0:x1]:
            pixels[strip] = WORKED_ON
        for strip in np.s_[y0:y1, x0 : x0 + thick], np.s_[y0:y1, max(x1 - thick, x0) : x1]:
            pixels[strip] = WORKED_ON

    @staticmethod
    def _mix(pixels: Pixels) -> None:
        pixels[:] = np.rint(pixels * (1 - SHARE) + LINE * SHARE)

    def _write(self, band: Pixels, figures: Figures) -> None:
        """Write the figures into the frame's lower part, in columns, so that nothing jumps."""
        columns, letter = self.layout.columns, self.layout.letter
        image = Image.fromarray(band)
        pen = ImageDraw.Draw(image)
        for number, word in enumerate(words_of(figures)):
            row, column = divmod(number, columns)
            x = letter + column * (self.layout.width - letter) // columns
            pen.text((x, round(letter * (0.5 + LEADING * row))), word, INK, font_of(letter))
        band[:] = np.asarray(image)


def _beside(at: float, thickness: int) -> slice:
    start = max(round(at) - thickness // 2, 0)
    return slice(start, start + thickness)
