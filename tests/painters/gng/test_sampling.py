"""Samples are drawn from a density as it says."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.painters.gng.sampling import chance_of, field_of, ink_of, sample, spread

seeds = st.integers(0, 2**32 - 1)
tones = st.one_of(
    st.sampled_from([0.0, 0.0, 1.0, 3.0]), st.floats(0, 2**20, width=32), st.floats(0, 2**-20, width=32)
)
densities = (
    st.integers(1, 9)
    .flatmap(lambda width: st.lists(st.lists(tones, min_size=width, max_size=width), min_size=1, max_size=9))
    .map(lambda rows: np.array(rows, np.float32))
)


@given(densities.filter(np.any))
def test_every_pixel_is_as_likely_as_its_density_says(density):
    table = ink_of(field_of(density)).table
    implied = np.zeros(density.size)
    np.add.at(implied, table["pixel"], table["share"].astype(float))
    np.add.at(implied, table["other"], 1 - table["share"].astype(float))
    wanted = density.ravel() / density.sum(dtype=float)
    np.testing.assert_allclose(implied / len(table), wanted, rtol=1e-6, atol=1e-6 / len(table))
    assert len(table) == np.count_nonzero(density)
    assert ((table["share"] >= 0) & (table["share"] <= 1)).all()


@given(densities.filter(np.any), seeds, st.sampled_from([1.0, 3.0]), st.integers(-300, 5000))
def test_samples_fall_on_ink(density, seed, pixel, corner):
    ink, state = ink_of(field_of(density, pixel, corner, -corner)), chance_of(np.random.SeedSequence(seed))
    found = np.array([sample(ink, state) for _ in range(200)])
    columns, rows = np.floor((found - (corner, -corner)) / pixel).astype(int).T
    assert (density[rows, columns] > 0).all()


def test_samples_are_anywhere_in_their_pixels():
    density = np.random.default_rng(5).integers(0, 3, (6, 7)).astype(np.float32)
    ink, state = ink_of(field_of(density, 2.0)), chance_of(np.random.SeedSequence(3))
    found = np.array([sample(ink, state) for _ in range(20_000)])
    quarters = np.floor(found * 2).astype(int)  # of the sides of pixels
    counts = np.zeros((24, 28), int)
    np.add.at(counts, (quarters[:, 1], quarters[:, 0]), 1)
    expected = np.repeat(np.repeat(density, 4, axis=0), 4, axis=1) * (len(found) / 16 / density.sum())
    assert not counts[expected == 0].any()
    seen, wanted = counts[expected > 0], expected[expected > 0]
    assert ((seen - wanted) ** 2 / wanted).sum() < stats.chi2.ppf(0.999, len(wanted) - 1)


@given(
    densities.filter(np.any), seeds, st.integers(0, 60), st.sampled_from([1.0, 3.0]), st.integers(-300, 5000)
)
def test_what_is_spread_lies_on_ink_one_for_each_share_of_it(density, seed, samples, pixel, corner):
    """Whatever number of strips is gone through, they hold as many samples as their share, within one."""
    field = field_of(density, pixel, corner, -corner)
    pieces = list(spread(field, chance_of(np.random.SeedSequence(seed)), samples))
    found = np.concatenate([np.empty((0, 2)), *pieces])
    assert abs(len(found) - samples) <= 1  # sums are rounded
    columns, rows = np.floor((found - (corner, -corner)) / pixel).astype(int).T
    assert (density[rows, columns] > 0).all()
    strip = max(1, int(np.sqrt(field.even / max(samples, 1))))
    for stop in range(strip, len(density), strip):
        share = density[:stop].sum(dtype=float) / density.sum(dtype=float)
        assert abs((rows < stop).sum() - share * samples) <= 1 + 1e-6 * samples


def test_spread_samples_are_anywhere_and_more_even_than_chance():
    density = np.random.default_rng(6).integers(0, 3, (80, 90)).astype(np.float32)
    field, counts, seen = field_of(density, 2.0), np.zeros((8, 9)), []
    for seed in range(60):
        found = np.concatenate(list(spread(field, chance_of(np.random.SeedSequence(seed)), 2000)))
        seen.append(found % 2)
        blocks = np.histogram2d(found[:, 1], found[:, 0], (8, 9), ((0, 160), (0, 180)))[0]
        counts += blocks**2 / 60
    wanted = 2000 * density.reshape(8, 10, 9, 10).sum(axis=(1, 3)) / density.sum()
    assert (counts - wanted**2).mean() < 0.5 * wanted.mean()  # of samples by chance it is 1
    inside = np.concatenate(seen)
    assert stats.kstest(inside[:, 0], "uniform", (0, 2)).pvalue > 1e-3
    assert stats.kstest(inside[:, 1], "uniform", (0, 2)).pvalue > 1e-3


def test_where_there_is_no_ink_nothing_is_spread():
    field = field_of(np.zeros((4, 5), np.float32))
    assert not list(spread(field, chance_of(np.random.SeedSequence(1)), 9))
    assert field.area == 0
