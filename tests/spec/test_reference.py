"""The reference says of each setting what its model says."""

from typing import Literal

from pydantic import BaseModel, Field

from engine.spec.fields import Duration
from engine.spec.models import RunSpec
from engine.spec.reference import BEGIN, END, reference, with_reference


class Dots(BaseModel):
    """Paints dots, see docs/nets.md."""

    count: int = Field(ge=1, description="dots")
    dot_size: Literal["s", "l"] = Field(default="s", description="small | large, see docs/films.md#pace")
    wait: Duration | None = Field(default=90.0, description="before each")


def test_each_painter_has_a_table():
    lines = list(reference({"dots": Dots, "polygons": Dots}))
    start = lines.index("### Painter dots")
    assert lines[start : start + 9] == [
        "### Painter dots",
        "",
        "Paints dots, see [Nets](nets.md).",
        "",
        "| setting | default | what it can be | what it means |",
        "|---|---|---|---|",
        "| `painter.count` or `count` | must be given | a whole number at least 1 | dots |",
        "| `painter.dot-size` | `s` | s or l | small \\| large, see [Films](films.md#pace) |",
        "| `painter.wait` | `1m30s` | a duration above 0 such as 90s, 10m or 1h30m (at most 10000h), or "
        "null | before each |",
    ]
    assert "| `painter.name` or `painter` | `polygons` | dots or polygons | who paints |" in lines


def test_each_setting_of_a_run_has_a_row():
    rows = [line.split("`")[1] for line in reference({}) if line.startswith("| `")]
    groups = {name: field.default for name, field in RunSpec.model_fields.items()}
    paths = ["painter.name"]
    for name, default in groups.items():
        inside = type(default).model_fields if isinstance(default, BaseModel) else {}
        paths += [f"{name}.{key}" for key in inside] or [RunSpec.model_fields[name].alias or name]
    assert sorted(rows) == sorted(path.replace("_", "-") for path in paths if path != "painter")


def test_the_rest_of_a_page_stays():
    page = with_reference(f"above\n{BEGIN}old\n{END}below\n", {"dots": Dots})
    assert page.startswith(f"above\n{BEGIN}### The run\n")
    assert page.endswith(f"|\n{END}below\n")
    assert "old" not in page.split("\n")
    assert with_reference(page, {"dots": Dots}) == page
