"""What is beside the pixels never costs a picture, whatever it holds."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.image.containers.jpeg import jpeg_content
from engine.image.containers.parts import file_of
from engine.image.cut_short import share_there
from engine.image.target import open_target
from tests.doubles.pictures import noise, png, refusal, saved, smooth

ODD_EXIF = (
    b"",
    b"MM",
    b"MM\0*\0\0\0",
    b"II*\0\xff\xff\xff\xff",
    b"Exif\0\0MM\0*\0\0\0\x08\xff\xff",
    b"x" * 70_000,
)


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    return Image.fromarray(smooth(24, 32))


def bytes_of(picture: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def segment(kind: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data


@pytest.mark.parametrize("exif", ODD_EXIF, ids=range(len(ODD_EXIF)))
def test_damaged_exif(tmp_path: Path, picture: Image.Image, exif: bytes) -> None:
    jpeg, webp = bytes_of(picture, "JPEG"), bytes_of(picture, "WEBP", lossless=True, exif=b"II*\0" + bytes(8))
    chunk = b"EXIF" + struct.pack("<I", len(exif)) + exif + bytes(len(exif) & 1)
    body = webp[12 : webp.rindex(b"EXIF")] + chunk
    rows = b"".join(b"\0" + row.tobytes() for row in smooth(24, 32))
    contents = {
        "jpeg": jpeg[:2] + segment(0xE1, b"Exif\0\0" + exif[:60_000]) + jpeg[2:],
        "webp": b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body,
        "png": png(32, 24, 8, 2, rows, (b"eXIf", exif)),
    }
    plain = {"jpeg": np.asarray(Image.open(io.BytesIO(jpeg))), "webp": smooth(24, 32), "png": smooth(24, 32)}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        target = open_target(str(tmp_path / name), 32)
        assert np.array_equal(target.pixels, plain[name]), name
        assert target.remarks == ()


@pytest.mark.parametrize("kind", [*range(0xE0, 0xF0), 0xFE])
def test_segments_of_applications_that_are_cut_short(tmp_path: Path, picture: Image.Image, kind: int) -> None:
    jpeg = bytes_of(picture, "JPEG")
    names = (b"JFIF\0", b"Adobe", b"MPF\0", b"ICC_PROFILE\0", b"Photoshop 3.0\0", b"FPXR\0", b"Exif\0\0", b"")
    added = b"".join(segment(kind, name + end) for name in names for end in (b"", b"\1", b"8BIM\4\4\0\0\xff"))
    (tmp_path / "a").write_bytes(jpeg[:2] + added + jpeg[2:])
    assert np.array_equal(
        open_target(str(tmp_path / "a"), 32).pixels, np.asarray(Image.open(io.BytesIO(jpeg)))
    )


def test_orientation_is_found_wherever_it_is_said(tmp_path: Path, picture: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    raw = exif.tobytes()
    text = b"\nexif\n%8d\n" % len(raw) + raw.hex().encode()
    xmp = b'<x:xmpmeta tiff:Orientation="6"/>'
    rows = b"".join(b"\0" + row.tobytes() for row in smooth(24, 32))
    jpeg = bytes_of(picture, "JPEG")
    webp = bytes_of(picture, "WEBP", lossless=True, xmp=xmp)
    for content in (
        png(32, 24, 8, 2, rows, (b"eXIf", raw.removeprefix(b"Exif\0\0"))),
        png(32, 24, 8, 2, rows, (b"tEXt", b"Raw profile type exif\0" + text)),
        png(32, 24, 8, 2, rows, (b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(text))),
        png(32, 24, 8, 2, rows, (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)),
        jpeg[:2] + segment(0xE1, raw) + jpeg[2:],
        jpeg[:2] + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp) + jpeg[2:],
        webp,
    ):
        (tmp_path / "a").write_bytes(content)
        assert open_target(str(tmp_path / "a"), 32).full_size == (32, 24)


def test_a_critical_chunk_that_is_damaged_is_told(tmp_path: Path) -> None:
    content = bytearray(png(1, 1, 8, 0, b"\0\7"))
    content[20] ^= 1
    (tmp_path / "a.png").write_bytes(content)
    assert "a.png: begins like PNG, but is damaged" in refusal(str(tmp_path / "a.png"))


@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"restart_marker_rows": 1}], ids=str)
def test_how_much_of_a_jpeg_is_there(options: dict[str, int]) -> None:
    """A picture with something to see at each place loses as much of its rows as of its bytes."""
    content = bytes_of(Image.fromarray(noise(160, 96)), "JPEG", **options)
    start = content.index(b"\xff\xda") + 14
    for share in (0.2, 0.55, 0.9, 0.97):
        cut = jpeg_content(memoryview(content[: start + round(share * (len(content) - start))]))
        with Image.open(cut.pixels) as image:
            image.load()
            assert cut.scans is not None
            assert share_there(image, cut.scans, 1.0) == pytest.approx(share, abs=0.04)
            assert not cut.scans.is_ended


def test_a_jpeg_that_lacks_too_much_says_how_much_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    content = bytes_of(Image.fromarray(noise(160, 96)), "JPEG")
    for share in (0.5, 0.8):
        path.write_bytes(content[: round(share * len(content))])
        assert "a.jpg: cut short, " in (message := refusal(str(path)))
        assert int(message.split("% of its rows are there; copy")[0].rsplit(" ", 1)[1]) == pytest.approx(
            100 * share, abs=10
        )
    path.write_bytes(content[: round(0.97 * len(content))])
    (remark,) = open_target(str(path), 160).remarks
    assert "a.jpg: is cut short, and " in remark
    assert "% of it is missing; copy it anew." in remark


def test_a_progressive_jpeg_needs_all_of_its_form(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    content = bytes_of(Image.fromarray(noise(160, 96)), "JPEG", progressive=True)
    path.write_bytes(content[: len(content) // 4])
    assert "a.jpg: cut short, only a rough form of it is there" in refusal(str(path))
    path.write_bytes(content[: round(0.95 * len(content))])
    (remark,) = open_target(str(path), 160).remarks
    assert remark.endswith("is cut short, and its finest detail is missing; copy it anew.")


def gif(screen: tuple[int, int], *frames: tuple[int, int, int, int], version: bytes = b"GIF89a") -> bytes:
    """Frames (x, y, width, height) of colours 1, 2, ... of red, green and blue on a screen."""
    palette = bytes((9, 9, 9, 255, 0, 0, 0, 255, 0, 0, 0, 255))
    parts = [version, struct.pack("<HHBBB", *screen, 0x81, 0, 0), palette, b"!\xfe\4" + b"note\0"]
    for number, (x, y, width, height) in enumerate(frames, 1):
        picture = Image.new("P", (width, height), number)
        picture.putpalette(palette)
        for index in range(4):  # so that Pillow leaves none out
            picture.putpixel((index, 1), index)
        data = bytes_of(picture, "GIF")
        at = data.index(b",") + 10
        at += 3 << (data[at - 1] & 7) + 1 if data[at - 1] & 0x80 else 0
        parts += [b"!\xf9\4\0\1\0\0\0", struct.pack("<BHHHHB", 0x2C, x, y, width, height, 0), data[at:-1]]
    return b"".join(parts) + b";"


@pytest.mark.parametrize(
    ("content", "size", "pixel"),
    [
        (gif((20, 10), (0, 0, 20, 10)), (10, 20), (0, 0)),
        (gif((20, 10), (50_000, 3_000, 16, 8)), (8, 16), (0, 0)),
        (gif((20, 10), (4, 4, 20, 10), version=b"GIF87a"), (10, 20), (0, 0)),
        (gif((20, 10), (4, 4, 20, 10)), (10, 20), (9, 19)),  # what is inside
        (gif((0, 0), (0, 0, 20, 10)), (10, 20), (0, 0)),
    ],
    ids=["inside", "far", "87a", "partly", "no screen"],
)
def test_a_gifs_first_frame(
    tmp_path: Path, content: bytes, size: tuple[int, int], pixel: tuple[int, int]
) -> None:
    (tmp_path / "a.gif").write_bytes(content)
    target = open_target(str(tmp_path / "a.gif"), 20)
    assert target.full_size == size
    assert target.pixels[pixel].tolist() == [255, 0, 0]


def test_a_later_frame_that_is_outside_shows_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(gif((20, 10), (0, 0, 20, 10), (60_000, 60_000, 5, 5), (15, 5, 9, 9)))
    frames = [open_target(str(tmp_path / "a.gif"), 20, frame=number) for number in range(3)]
    assert [frame.full_size for frame in frames] == [(10, 20)] * 3
    assert np.array_equal(frames[0].pixels, frames[1].pixels)
    assert frames[2].pixels[9, 19].tolist() == [0, 0, 255]
    assert frames[2].pixels[0, 0].tolist() == [255, 0, 0]


@given(st.lists(st.binary(max_size=5), max_size=6), st.data())
def test_a_file_of_parts_reads_like_one_of_their_bytes(parts: list[bytes], data: st.DataObject) -> None:
    whole = io.BytesIO(b"".join(parts))
    with file_of(*(memoryview(part) for part in parts)) as file:
        for _ in range(8):
            at, count = data.draw(st.integers(0, 40)), data.draw(st.integers(-1, 12))
            assert file.seek(at) == whole.seek(at)
            assert file.read(count) == whole.read(count)
            assert file.tell() == whole.tell()
        assert file.seek(0, io.SEEK_END) == whole.seek(0, io.SEEK_END)


def test_a_bitmap_with_some_alpha_keeps_it(tmp_path: Path) -> None:
    pixels = np.full((4, 4, 4), 200, np.uint8)
    pixels[0, 0, 3] = 0
    path = saved(tmp_path / "a.bmp", Image.fromarray(pixels), "BMP")
    content = bytearray(Path(path).read_bytes())
    if len(content) < 122 + 64:  # Pillow writes no masks: make a header of version 4 with them
        head = struct.pack(
            "<IiiHHIIiiII4I", 108, 4, -4, 1, 32, 3, 64, 0, 0, 0, 0, 0xFF0000, 0xFF00, 0xFF, 0xFF << 24
        )
        content = bytearray(b"BM" + struct.pack("<IHHI", 122 + 64, 0, 0, 122) + head.ljust(108, b"\0"))
        content += pixels.tobytes()
        Path(path).write_bytes(content)
    assert open_target(path, 4, "transparent").pixels[..., 3].min() == 0
