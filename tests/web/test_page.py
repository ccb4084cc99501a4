"""The page: its texts, what it loads, and whether its HTML and scripts fit together."""

import json
import re
from html.parser import HTMLParser

import pytest

from engine.web.page import FIRST, STATIC, TEXTS, filled, language_of, languages, page, texts

LINES, BYTES = 300, 150_000  # of a script at most; of all that the page is made of, pictures aside
SCRIPTS = {path.name: path.read_text("utf-8") for path in sorted((STATIC / "app").glob("*.js"))}
CODE = "\n".join(SCRIPTS.values())
MARKUP = (STATIC / "index.html").read_text("utf-8")
STYLE = (STATIC / "app.css").read_text("utf-8")
PLURALS = ("zero", "one", "two", "few", "many", "other")
LABELLED = {"input", "select", "textarea", "progress", "video", "canvas"}


class Elements(HTMLParser):
    """All elements of a page: tag, attributes, and the tags around them."""

    VOID = frozenset({"meta", "link", "input", "img", "br", "hr", "path"})

    def __init__(self, text):
        super().__init__()
        self.found, self._open, self.unclosed = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), tuple(self._open)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID and (not self._open or self._open.pop() != tag):
            self.unclosed.append(tag)


@pytest.fixture(scope="module", params=["", "/studio"])
def root(request):
    return request.param


@pytest.fixture(scope="module")
def elements(root):
    parsed = Elements(page(root, FIRST))
    assert not parsed.unclosed
    return parsed.found


def ids_of(elements):
    return [attributes["id"] for _, attributes, _ in elements if "id" in attributes]


def first_arguments(code, functions):
    """What calls of some functions have as their first argument, as text."""
    for call in re.finditer(rf"(?<![\w.])(?:{'|'.join(functions)})\(", code):
        depth, at = 0, call.end()
        while depth > 0 or code[at] not in ",)":
            depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(code[at], 0)
            at += 1
        yield code[call.end() : at]


def keys_in(code):
    """The keys that scripts name, and what keys begin with that they put together."""
    keys, beginnings = set(), set()
    for argument in first_arguments(code, ("t", "plural", "known")):
        keys |= set(re.findall(r'"([a-z][\w-]*\.[\w.-]+)"', re.sub(r'[=!]==? "[^"]*"', "", argument)))
        beginnings |= set(re.findall(r"`([a-z]+\.(?:[\w.-]+[.-])?)\$\{", argument))
    beginnings |= {f"{group}." for group in re.findall(r'(?<!\w)term\("(\w+)"', code)}
    return keys, beginnings


def bases_of(keys):
    return {key.rpartition(".")[0] for key in keys if key.rpartition(".")[2] in PLURALS}


@pytest.mark.parametrize("language", languages())
def test_every_text_that_is_used_is_there_and_every_text_is_used(language):
    there = set(texts(language))
    keys, beginnings = keys_in(CODE)
    keys |= set(re.findall(r"\{\{([a-z]+\.[a-z.-]+)\}\}", MARKUP))
    assert keys - there - bases_of(there) == set()
    assert all(any(key.startswith(beginning) for key in there) for beginning in beginnings)
    unused = {key for key in there if key not in keys and not key.startswith(tuple(beginnings))}
    assert {
        key for key in unused if key.rpartition(".")[0] not in keys or key not in _plurals(there)
    } == set()


def _plurals(keys):
    return {key for key in keys if key.rpartition(".")[2] in PLURALS}


@pytest.mark.parametrize("language", languages())
def test_texts_of_a_language_have_the_places_of_the_first(language):
    def places(text):
        return set(re.findall(r"\{(\w+)\}", text))

    first, own = texts(FIRST), json.loads((TEXTS / f"{language}.json").read_text("utf-8"))
    assert {key for key, text in own.items() if not text.strip()} == set()
    assert {
        key for key, text in own.items() if key in first and not places(text) <= places(first[key]) | {"n"}
    } == set()
    assert bases_of(own) <= bases_of(first)
    assert {f"{base}.other" for base in bases_of(own)} <= set(own)


def test_what_is_missing_or_unused_would_be_found():
    keys, beginnings = keys_in(
        't("a.b"); plural("c.d", 2); t(x === "o.p" ? "e.f" : `g.${h("i.j")}`); term("k", l)'
    )
    assert keys == {"a.b", "c.d", "e.f", "i.j"}
    assert beginnings == {"g.", "k."}


def test_nothing_comes_from_another_host(elements):
    for text in (CODE, MARKUP, STYLE, json.dumps(texts(FIRST))):
        assert re.findall(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[a-z0-9-]+\.[a-z]", text) == []
    assert "@import" not in STYLE
    assert "url(" not in STYLE


def test_no_script_style_or_handler_stands_in_the_page(elements):
    for tag, attributes, _ in elements:
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "script":
            assert attributes.get("src") or attributes["type"] == "application/json"
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", CODE
    )
    assert not re.search(r"setAttribute\(\"style", CODE)


def test_every_address_begins_with_the_root(elements, root):
    addresses = [value for _, each, _ in elements for name, value in each.items() if name in ("href", "src")]
    assert len(addresses) > 5
    assert all(address.startswith((f"{root}/", "#")) for address in addresses)
    assert page("/studio/", FIRST) == page("/studio", FIRST)
    for found in re.findall(r"(?:src|href) = ?([^;\n]*)", CODE):
        assert not found.startswith(('"/', "`/")), found


def test_files_that_the_page_names_are_there(elements, root):
    for tag, attributes, _ in elements:
        address = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
        if address:
            assert (STATIC.parent / address.removeprefix(f"{root}/")).is_file()


def test_ids_are_unique_and_what_refers_to_one_finds_it(elements):
    ids = ids_of(elements)
    assert len(ids) == len(set(ids))
    for _, attributes, _ in elements:
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            assert set((attributes.get(name) or "").split()) <= set(ids)
    assert set(re.findall(r'\$\("([\w-]+)"\)', CODE)) <= set(ids)


def test_every_control_and_every_view_has_a_name(elements):
    labels = {attributes.get("for") for tag, attributes, _ in elements if tag == "label"}
    for tag, attributes, around in elements:
        if tag in LABELLED:
            assert "label" in around or attributes.get("aria-label") or attributes.get("id") in labels, (
                attributes
            )
        if tag in ("section", "dialog", "nav"):
            assert attributes.get("aria-labelledby") or attributes.get("aria-label"), attributes
        if tag == "img":
            assert "alt" in attributes
    assert [tag for tag, _, _ in elements].count("main") == 1


def test_the_page_says_its_language_and_what_it_needs_without_scripts():
    text = page("", FIRST)
    assert f'<html lang="{FIRST}"' in text
    assert texts(FIRST)["noscript.text"] in text
    assert "{{" not in text


def test_texts_in_the_page_are_those_of_the_language_and_can_t_end_their_element():
    found = re.search(r'<script type="application/json" id="texts">(.*?)</script>', page("", FIRST), re.S)
    assert found is not None
    assert json.loads(found[1]) == texts(FIRST)
    assert "<" not in found[1]


def test_what_is_filled_in_is_text_and_an_unknown_place_is_an_error():
    assert filled("<p>{{a.b}}{{root}}</p>", {"root": "/x"}, {"a.b": '<&">'}) == "<p>&lt;&amp;&quot;&gt;/x</p>"
    assert "<script>alert" not in page('/"><script>alert(1)</script>', FIRST)
    with pytest.raises(KeyError):
        filled("{{a.c}}", {}, {"a.b": ""})


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        (None, "en"),
        ("", "en"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("en;q=0.5, de", "de"),
        ("fr;q=0.7, pt-br;q=0.8", "pt-BR"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("*", "en"),
        ("../../etc/passwd, \x00;q=nan,de;q=9", "en"),
        ("xx," * 5000, "en"),
    ],
)
def test_a_visitor_gets_the_language_that_he_reads_best(accepted, chosen):
    assert language_of(accepted, ("en", "de", "fr", "pt-BR")) == chosen


def test_scripts_are_modules_that_find_each_other():
    for name, code in SCRIPTS.items():
        assert len(code.splitlines()) <= LINES, name
        for names, other in re.findall(r'import (.*?) from "\./([\w.]+)"', code, re.S):
            assert other in SCRIPTS, f"{name}: {other}"
            for one in re.findall(r"\w+", names) if names.startswith("{") else ():
                assert re.search(rf"export (?:async )?(?:function|const|class) {one}\b", SCRIPTS[other]), (
                    f"{name}: {one}"
                )
                assert len(re.findall(rf"\b{one}\b", code)) > 1, f"{name} does not use {one}"
    imported = set(re.findall(r'from "\./([\w.]+)"', CODE))
    assert imported == set(SCRIPTS) - {"main.js"}


def test_the_page_is_small():
    assert len((CODE + STYLE + page("", FIRST)).encode()) < BYTES
