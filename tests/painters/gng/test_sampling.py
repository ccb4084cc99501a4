"""Samples are drawn from a density as it says."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.painters.gng.sampling import chance_of, field_of, ink_of, sample

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
