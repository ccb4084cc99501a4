"""The limits of the house: how long files and functions are at most, and how many parameters they take."""

import ast

import pytest

from tests import ROOT

FILE_LINES, FUNCTION_LINES, PARAMETERS = 300, 60, 10
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
FILES = {path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "engine").rglob("*.py"))}
TOO_MUCH: set[str] = set()  # what is over a limit for now


def positional(function):
    """How many arguments can be given by position, without that of a method's own object or class."""
    parameters = [each.arg for each in function.args.posonlyargs + function.args.args]
    return len(parameters) - (parameters[:1] in (["self"], ["cls"]))


def over(name, tree, lines):
    """What is over a limit in a file: its name, or that of one of its functions."""
    if lines > FILE_LINES:
        yield name
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > FUNCTION_LINES or positional(node) > PARAMETERS:
                yield f"{name}: {node.name}"


@pytest.mark.parametrize("name", FILES)
def test_a_file_and_its_functions_keep_to_the_limits(name):
    text = FILES[name].read_text()
    assert set(over(name, ast.parse(text), len(text.splitlines()))) <= TOO_MUCH


def test_what_is_over_a_limit_is_found():
    ten = "a, b, c, d, e, f, g, h, i, j"
    within = f"def f({ten}): ...\nclass A:\n    def g(self, {ten}): ...\n    async def h({ten}, *, k): ..."
    assert not list(over("file", ast.parse(within), FILE_LINES))
    for text in (f"def f(z, /, {ten}): ...", "async def f():\n" + "    pass\n" * FUNCTION_LINES):
        assert list(over("file", ast.parse(text), 1)) == ["file: f"]
    assert list(over("file", ast.parse(""), FILE_LINES + 1)) == ["file"]
