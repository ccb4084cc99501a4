"""Shots become pictures: the painting, and what is shown beside it, over it and below it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

from engine.errors import CheckpointError, TargetError
from engine.film.framing import Ground, framed
from engine.film.layout import LEADING, Layout, cropped, font_of, words_of
from engine.film.shots import Shot
from engine.film.timeline import Figures, Timeline
from engine.grid import Grid, TileBox
from engine.image.alpha import over_white
from engine.image.pixels import Pixels
from engine.image.target import Origin, open_target
from engine.scene.successive import Successive
from engine.storage.checkpoint import read_checkpoint
from engine.storage.load import read_target_copy
from engine.storage.run_folder import RunFolder

PAPER, INK = (24, 24, 27), (236, 236, 240)  # of the words
LINE, SHARE = 255, 0.35  # grey of the tiles' borders, and how much of it is mixed in
WORKED_ON = (255, 196, 0)


@dataclass(frozen=True)
class Composer:
    """Draws shots; threads can share it."""

    timeline: Timeline
    layout: Layout
    target: Pixels | None  # of the layout's panel; None where it isn't shown
    grid: Grid | None  # whose tiles are shown
    ground: Ground = PAPER
    paintings: Successive = field(default_factory=Successive)

    def picture(self, shot: Shot) -> Pixels:
        """What is seen."""
        painting = self._target() if shot.shows == "target" else self._painting(shot)
        layout = self.layout
        panels = [painting] if len(layout.spots) == 1 else [self._target(), painting]
        frame = framed(layout, panels, self.ground)
        if layout.columns:
            band = frame[layout.words_y : layout.words_y + layout.band]
            band[:] = PAPER
            if shot.shows != "target":
                self._write(band, self.timeline.figures(shot.at))
        return frame

    def _painting(self, shot: Shot) -> Pixels:
        drawable = self.timeline.scene(shot.at).drawable(*self.layout.picture)
        pixels = over_white(self.paintings.draw(drawable))
        place = self.timeline.work(shot.at)
        if self.grid and place and place.level < len(self.grid.levels) and shot.shows == "painting":
            pixels = pixels.copy()
            self._rule(pixels, self.grid, place)
        pixels = cropped(pixels, self.layout.panel)
        if shot.wiped:
            pixels = pixels.copy()
            edge = round(shot.wiped * pixels.shape[1])
            pixels[:, :edge] = self._target()[:, :edge]
            pixels[:, edge : edge + self._thickness()] = INK
        return pixels

    def _target(self) -> Pixels:
        assert self.target is not None  # for the type checker: a film that shows it has it
        return self.target

    def _thickness(self) -> int:
        return max(1, round(max(self.layout.panel) / 540))

    def _rule(self, pixels: Pixels, grid: Grid, place: TileBox) -> None:
        """Draw the borders of a grid's tiles, and the tile that was worked on."""
        tiles = grid.tiles(place.level, place.tiling)
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


def target_at(folder: RunFolder, height: int, width: int) -> Pixels:
    """What a run approximates, on white paper: (height, width, 3).

    From the picture itself, which has more detail, when it is still there and unchanged; else from the
    folder's copy. RunError when that can't be read either.
    """
    pixels = _original(folder, max(height, width))
    if pixels is None:
        pixels = read_target_copy(folder, "make a film without the target")
    image = Image.fromarray(over_white(pixels))
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))


def _original(folder: RunFolder, size: int) -> Pixels | None:
    try:
        checkpoint = read_checkpoint(folder).checkpoint
        header, background = checkpoint.header, checkpoint.facts.get("background")
        now = Origin.again(header.target, header.mask)
        if now.sha256 != header.target_sha256:
            return None
        colour = background and "#" + bytes(round(255 * part) for part in background).hex()
        asked = checkpoint.facts.get("spec")
        frame = asked.get("frame", 0) if isinstance(asked, dict) else 0
        if not isinstance(frame, int):
            return None
        return open_target(header.target, size, colour or "transparent", frame=frame).pixels
    except (CheckpointError, TargetError, OSError):
        return None
