"""What lies in windows of a net is what one finds by looking at all of it, window by window."""

from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.grid import PLAIN, SHIFTED, Grid
from engine.painters.gng.net import Links, Net, Nodes
from engine.painters.gng.scene import RIM
from engine.painters.gng.windows import alive, indexed, windows
from engine.scene.shapes import Shapes

HEIGHT, WIDTH = 40, 64


def a_net(rng, count):
    """Nodes with gaps between their ids, some on the very borders; lines, and faces that end at the rim."""
    ids = np.sort(rng.choice(rng.choice([3, 40]) * count + 1, count, replace=False)).astype(np.int64)
    places = (rng.integers(0, 9, (count, 2)) / 8 * (WIDTH, HEIGHT)).astype(np.float32)
    nodes = Nodes.none()[np.zeros(0, int)]
    nodes = Nodes(
        ids,
        places,
        *(
            np.zeros((count, *getattr(nodes, f.name).shape[1:]), getattr(nodes, f.name).dtype)
            for f in fields(nodes)[2:]
        ),
    )

    def links(ends):
        number = np.arange(len(ends))
        return Links(
            ends, number.astype(np.float32), np.zeros((len(ends), 3), np.uint8), number.astype(np.float32)
        )

    lines = rng.choice(ids, (2 * count, 2)) if count else np.empty((0, 2), np.int64)
    corners = np.concatenate([ids, -1 - np.arange(4 * RIM)])
    return Net(nodes, links(lines), links(rng.choice(corners, (count, 3))), Shapes.empty(0, 6, 3))


def slow(net, tile, halo):
    """Which nodes are near, which are own, and the links between them by ids."""
    near, own = [], []
    for k, (x, y) in enumerate(net.nodes.places.tolist()):
        is_own = tile.x0 <= x and (x < tile.x1 or tile.x1 == WIDTH)
        is_own = is_own and tile.y0 <= y and (y < tile.y1 or tile.y1 == HEIGHT)
        is_near = tile.x0 - halo <= x < tile.x1 + halo and tile.y0 - halo <= y < tile.y1 + halo
        if is_own or is_near:
            near.append(k)
            own.append(is_own)
    seen = set(net.nodes.ids[near].tolist())

    def between(links):
        return [
            k for k, ends in enumerate(links.ends.tolist()) if all(end < 0 or end in seen for end in ends)
        ]

    return near, own, between(net.lines), between(net.faces)


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 30),
    st.sampled_from([0, 3, 11]),
    st.sampled_from([PLAIN, SHIFTED]),
)
def test_each_tile_has_what_lies_in_it_and_its_halo(seed, count, halo, tiling):
    net = a_net(np.random.default_rng(seed), count)
    grid = Grid.fit(HEIGHT, WIDTH, "3x5")
    for level in range(len(grid.levels)):
        tiles = grid.tiles(level, tiling)
        for tile, (found, own) in zip(
            tiles, windows(indexed(net), tiles, halo, (HEIGHT, WIDTH)), strict=True
        ):
            near, is_own, lines, faces = slow(net, tile, halo)
            assert found.nodes.ids.tolist() == net.nodes.ids[near].tolist()
            assert own.tolist() == is_own
            for links, all_links, which in ((found.lines, net.lines, lines), (found.faces, net.faces, faces)):
                names = np.append(found.nodes.ids, -1)
                ends = np.where(links.ends < 0, links.ends, names[np.maximum(links.ends, -1)])
                assert ends.tolist() == all_links.ends[which].tolist()
                assert links.widths.tolist() == all_links.widths[which].tolist()


def test_links_to_nodes_that_are_gone_are_left_out():
    net = a_net(np.random.default_rng(1), 8)
    left = net.nodes.ids[2:]
    expected = [k for k, ends in enumerate(net.lines.ends.tolist()) if set(ends) <= set(left.tolist())]
    assert alive(net.lines, left).widths.tolist() == expected
