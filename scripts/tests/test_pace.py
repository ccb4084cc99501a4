"""The bench's measure of paces on views whose structure is known."""

import numpy as np

from scripts.benches.pace import SHEET, contact_sheet, crossings

RESULT = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)


def views(shares):
    """So much of the result from the left, on grey."""
    found = []
    for share in shares:
        view = np.full_like(RESULT, 128)
        view[:, : round(60 * share)] = RESULT[:, : round(60 * share)]
        found.append(view)
    return found


def test_what_comes_evenly_passes_each_quarter_in_its_time():
    assert np.allclose(crossings(views(np.linspace(0, 1, 61))), [25, 50, 75], atol=4)
    late = crossings(views(np.linspace(0, 1, 61) ** 3))
    assert np.allclose(late, [63, 79, 91], atol=4)


def test_a_contact_sheet_shows_first_and_last():
    sheet = np.asarray(contact_sheet(views(np.linspace(0, 1, 30))))
    assert SHEET == 12
    assert sheet.shape == (2 * 133 + 4, 6 * 204 - 4, 3)
    assert np.ptp(sheet[:133, :200].astype(int), axis=(0, 1)).max() <= 2
    assert np.ptp(sheet[-133:, -200:].astype(int)) > 90
