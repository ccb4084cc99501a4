from engine.spec.origins import with_origins
from engine.spec.yaml_writer import as_yaml


def test_comments_stand_at_the_lines_of_their_settings():
    text = as_yaml({"size": 3, "film": {"size": 4, "intro_shows": "a # b"}, "list": ["x", "#y"]})
    origins = {
        "size": "--size",
        "film.size": "spec.yaml:2",
        "film.intro_shows": "X",
        "film": "no",
        "list": "L",
    }
    origins.pop("film")
    assert with_origins(text, origins).splitlines() == [
        "size: 3  # --size",
        "film:",
        "  size: 4  # spec.yaml:2",
        "  intro-shows: 'a # b'  # X",
        "list: [x, '#y']  # L",
    ]
    assert with_origins(text, {}) == text
