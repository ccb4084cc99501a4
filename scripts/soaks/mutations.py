"""Files as strangers might send them: small good ones, and what chance and a grammar make of them."""

from __future__ import annotations

import io
import json
import random
import struct
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image
from PIL.ImageCms import ImageCmsProfile, createProfile
from PIL.PngImagePlugin import PngInfo

from engine.export.json_shapes import FORMAT
from engine.painters.registry import params_of
from engine.spec.messages import schemas_of
from engine.spec.models import RunSpec

Rng = random.Random
EDGES = (0, 1, 2, 127, 128, 254, 255)
NUMBERS = (
    *(
        "0",
        "-1",
        "1e308",
        "1e999",
        "NaN",
        "Infinity",
        "9" * 400,
        "9" * 5000,
        "0x10",
        "1_000",
        "2**63",
        "-0.0",
    ),
    *("9223372036854775808", "1:30", "2001-01-01", "007", ".inf", ".nan"),
)
TEXTS = (
    *(
        "",
        "~",
        "null",
        "yes",
        "\\ud800",
        "\\0",
        "\x00",
        "\ufeff",
        "é",
        "a" * 5000,
        "../" * 50,
        "*",
        "[",
        "*.jpg",
    ),
    *("&a [*a]", "*a", "!!python/object:os.system x", "!!binary aGk=", "<<: *a", "{", "- -", "|", ">"),
    *("%YAML 1.1", "---", "...", "#ffcc00", "/dev/zero", "/proc/self/mem", "mp4,gif", "4x4", "a4", "10mm"),
    *("8MB", "1h30m"),
)
WAYS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    *(("RGB", kind, {}) for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")),
    ("RGB", "JPEG", {"progressive": True}),
    ("CMYK", "JPEG", {}),
    ("RGBA", "PNG", {}),
    ("P", "GIF", {"transparency": 1}),
    ("I;16", "PNG", {}),
    ("RGBA", "WEBP", {"lossless": True}),
    ("F", "TIFF", {}),
    ("1", "TIFF", {"compression": "group4"}),
    *(("RGB", "TIFF", {"compression": f"tiff_{name}"}) for name in ("lzw", "adobe_deflate")),
    ("RGB", "TIFF", {"compression": "jpeg"}),
    ("RGBA", "AVIF", {}),
    *(("RGB", kind, {"save_all": True}) for kind in ("GIF", "PNG", "WEBP", "AVIF", "TIFF")),
    ("RGB", "HEIF", {}),
)


def picture(rng: Rng) -> bytes:
    """A damaged picture of one of many kinds."""
    return mutated(rng, rng.choice(good_pictures()))


@cache
def good_pictures() -> tuple[bytes, ...]:
    """Those that are damaged, made when they are asked for first."""
    return (*(_picture(way) for way in range(len(WAYS))), *(make() for make in SPECIAL))


def _picture(way: int) -> bytes:
    mode, kind, options = WAYS[way]
    if kind == "HEIF":
        import_module("pillow_heif").register_heif_opener()
    buffer, noise = io.BytesIO(), Rng(way)
    small = Image.frombytes("RGB", (6, 5), noise.randbytes(90)).resize((24, 20), Image.Resampling.BICUBIC)
    image = small.convert("L").convert(mode) if mode in ("I;16", "F") else small.convert(mode)
    exif = Image.Exif()
    exif[0x0112] = 6
    if "save_all" in options:
        options = {**options, "append_images": [image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]}
    if kind not in ("GIF", "BMP") and (kind, "save_all" in options) != ("AVIF", True):  # which Pillow dies of
        options = {**options, "exif": exif}
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _told() -> bytes:
    """A PNG with all that one can say beside its pixels."""
    told = PngInfo()
    told.add(b"cICP", bytes((12, 13, 0, 1)))
    told.add(b"gAMA", struct.pack(">I", 100_000))
    told.add(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000))
    told.add_text("Raw profile type exif", "\nexif\n 4\n4d4d002a", zip=True)
    told.add_itxt("XML:com.adobe.xmp", '<x tiff:Orientation="6"/>')
    buffer, profile = io.BytesIO(), ImageCmsProfile(createProfile("sRGB")).tobytes()
    Image.linear_gradient("L").resize((24, 20)).convert("RGB").save(
        buffer, "PNG", pnginfo=told, icc_profile=profile
    )
    return buffer.getvalue()


def _numbers(dtype: str, channels: int) -> bytes:
    """A TIFF of numbers that Pillow doesn't know."""
    buffer = io.BytesIO()
    values = (np.arange(20 * 24 * channels) % 251).reshape(20, 24, channels).astype(dtype)
    tifffile.imwrite(buffer, values, photometric="rgb", compression="zlib" if channels == 5 else None)
    return buffer.getvalue()


def _film() -> bytes:
    """A film of three frames."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/a.mp4"
        command = f"{get_ffmpeg_exe()} -v error -f lavfi -i testsrc=size=48x32:rate=3:duration=1 {path}"
        subprocess.run(command.split(), check=True)
        return Path(path).read_bytes()


SPECIAL: tuple[Callable[[], bytes], ...] = (
    _told,
    _film,
    partial(_numbers, "float32", 3),
    partial(_numbers, "float64", 4),
    partial(_numbers, "uint16", 5),
)


def mutated(rng: Rng, content: bytes) -> bytes:
    """A content with some of its bytes changed, lost, doubled, moved or cut off."""
    data = bytearray(content)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 8, 30))):
        at, length = rng.randrange(len(data) + 1), rng.choice((1, 1, 2, 4, 16, 200))
        match rng.randrange(8):
            case 0 | 1 if at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            case 2 if at < len(data):
                data[at] = rng.choice(EDGES)
            case 3:
                data[at : at + length] = rng.randbytes(length)
            case 4:
                del data[at : at + length]
            case 5:
                data[at:at] = data[at : at + length] * rng.choice((1, 2, 50))
            case 6:
                data[at : at + 4] = rng.choice(
                    (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\1\0\0")
                )
            case 7 if rng.random() < 0.3:
                del data[at:]
    return bytes(data)


def spec(rng: Rng) -> bytes:
    """A spec of known settings with odd values, in an odd form."""
    return _perhaps_mutated(rng, "\n".join(_settings(rng, "")))


def jobs(rng: Rng) -> bytes:
    """A jobs file with the like."""
    lines = ["defaults:", *_settings(rng, "  ")] if rng.random() < 0.5 else []
    lines += rng.choice(([], [], [f"outputs: {_value(rng)}"], ["notify:", f"  on_success: {_value(rng)}"]))
    lines.append("jobs:")
    for _ in range(rng.randrange(4)):
        first, *others = _settings(rng, "    ") or ["    {}"]
        lines += rng.choice(([f"  - {first.strip()}", *others], [f"  - {_value(rng)}"]))
    if rng.random() < 0.1:
        rng.shuffle(lines)
    return _perhaps_mutated(rng, "\n".join(lines))


@cache
def _names() -> tuple[str, ...]:
    own = (f"painter.{name}" for painter in ("polygons", "gng") for name in schemas_of(params_of(painter)))
    return (*schemas_of(RunSpec), *own, "painter", "count", "shape", "film", "spec", "painter.name")


def _settings(rng: Rng, indent: str) -> list[str]:
    lines = [f"target: {rng.choice(('coffee', 'coffee', _value(rng)))}"] * (rng.random() < 0.8)
    for _ in range(rng.randrange(6)):
        *groups, name = rng.choice(_names()).split(".")
        lines += [f"{'  ' * depth}{group}:" for depth, group in enumerate(groups)]
        lines.append(f"{'  ' * len(groups)}{name}: {_value(rng)}")
    return [indent + line for line in lines]


def _value(rng: Rng, depth: int = 0) -> str:
    """A value of YAML, mostly."""
    match rng.randrange(9 if depth < 25 else 6):
        case 0 | 1:
            return rng.choice(NUMBERS)
        case 2:
            return rng.choice(TEXTS)
        case 3:
            return f'"{rng.choice(TEXTS)}"'
        case 4:
            return str(rng.choice((1, 10, 0.5, 300, 2**40, -3, rng.random(), rng.randrange(10**9))))
        case 5:
            return rng.choice(
                ("true", "auto", "astronaut", "none", "polygons", "gng", "mean", "0.5,1", "8x8")
            )
        case 6:
            return "[" * (many := rng.choice((1, 5, 30, 2000))) + "]" * many
        case 7:
            return f"[{', '.join(_value(rng, depth + 5) for _ in range(rng.choice((0, 1, 3, 40))))}]"
    return f"{{{', '.join(f'{name}: {_value(rng, depth + 5)}' for name in rng.sample(_names(), 2))}}}"


def _perhaps_mutated(rng: Rng, text: str) -> bytes:
    content = text.encode(rng.choice(("utf-8",) * 20 + ("utf-16", "utf-8-sig", "utf-7")), "surrogatepass")
    return mutated(rng, content) if rng.random() < 0.4 else content


def shapes(rng: Rng) -> bytes:
    """A file of shapes with some of its values exchanged."""
    tree: Any = {"format": FORMAT, "version": 1, "width": 40, "height": 20, "background": [0, 0.5, 1],
                 "painter": "polygons", "marks": [_mark(rng) for _ in range(rng.randrange(5))]}  # fmt: skip
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        node = tree
        while True:
            keys: list[Any] = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = rng.choice(keys)
            if not (isinstance(node[key], dict | list) and node[key] and rng.random() < 0.7):
                node[key] = f"@{rng.randrange(10)}@"
                break
            node = node[key]
    text = json.dumps(tree)
    for number in range(10):
        text = text.replace(f'"@{number}@"', _json(rng))
    return _perhaps_mutated(rng, text)


def _mark(rng: Rng) -> dict[str, Any]:
    form = rng.choice(("polygon", "rectangle", "ellipse", "stroke"))
    points = [
        [rng.choice((1e6, -1e6, 0, rng.uniform(-9, 50), rng.randrange(40))) for _ in "xy"] for _ in "123"
    ]
    if form == "rectangle" and rng.random() < 0.8:
        points = [[20, 10], [28, 10], [20, 14]]
    return {"form": form, "points": points, "colour": [0, 0.5, 1], "opacity": rng.choice((0, 0.5, 1e-300, 1)),
            **({"width": rng.choice((1, 1e6, 1e-300))} if form == "stroke" else {})}  # fmt: skip


def _json(rng: Rng) -> str:
    """A value of JSON, mostly."""
    many = rng.choice((1, 3, 70, 5000))
    nested = "[" * many + "]" * many, '{"a":' * many + "1" + "}" * many, "[" + "0," * many + "0]"
    odd = '"\\ud800"', '{"\\ud800": 1}', "null", "true", "[]", "{}", '{"a": 1, "a": 2}', "1e-320", "[[1, 2]]"
    plain = rng.choice(NUMBERS), json.dumps(rng.choice(TEXTS)), str(rng.uniform(-1e7, 1e7))
    return rng.choice((*nested, *odd, *plain))


KINDS: dict[str, Callable[[Rng], bytes]] = {"picture": picture, "spec": spec, "jobs": jobs, "shapes": shapes}
SUFFIXES = {"picture": "", "spec": ".yaml", "jobs": ".yaml", "shapes": ".json"}
