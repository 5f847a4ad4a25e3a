"""Pictures: whatever is uploaded, only clean pixels are kept and served."""

import base64
import io
import re
import resource
import signal
import struct
import subprocess
import sys
import threading
import tracemalloc
import zlib
from collections import Counter
from functools import partial

import pytest
import time_machine
from django.conf import settings as configured
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image, ImageFile, PngImagePlugin

from accounts import picture_decoder, pictures
from accounts.actors import Actor
from accounts.models import User
from accounts.my_data.erasure import erase_user
from accounts.tests.factories import make_user
from confbox.kit import limits
from confbox.kit.tests.page import parse
from confbox.kit.tests.threads import InThread

pytestmark = pytest.mark.slow

UPLOAD = "/people/profile/picture/"


@pytest.fixture(autouse=True)
def _own_folder(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.clear()


@pytest.fixture
def dora():
    return make_user("dora@example.org")


@pytest.fixture
def as_dora(client, dora):
    client.force_login(dora)
    return client


def drawn(kind="PNG", size=(800, 600), mode="RGB", **options):
    written = io.BytesIO()
    Image.new(mode, size, 128 if mode == "L" else None).save(written, kind, **options)
    return written.getvalue()


def upload(client, content, name="me.png", content_type="image/png"):
    return client.post(UPLOAD, {"picture": SimpleUploadedFile(name, content, content_type)})


def flood(width=50_000, height=50_000):
    """A small PNG that claims to have 2.5 billion pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def stored(dora):
    dora.refresh_from_db()
    return dora.picture.name


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_picture_is_kept_as_webp_in_two_sizes(as_dora, dora, tmp_path, kind):
    assert upload(as_dora, drawn(kind)).status_code == 302
    name = stored(dora)
    assert re.fullmatch(r"pictures/[0-9a-f]{32}\.webp", name)
    for file, side in ((name, 512), (name.replace(".webp", "-small.webp"), 96)):
        with Image.open(tmp_path / file) as image:
            assert (image.format, image.size) == ("WEBP", (side, side))


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_jpeg_of_another_colour_space_is_taken(as_dora, dora, mode):
    upload(as_dora, drawn("JPEG", mode=mode), "me.jpg", "image/jpeg")
    assert stored(dora)


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA", "1", "I;16"])
def test_png_of_every_mode_is_taken(as_dora, dora, mode):
    upload(as_dora, drawn("PNG", mode=mode))
    assert stored(dora)


def test_animation_becomes_one_still(as_dora, dora, tmp_path):
    frames = [Image.new("RGB", (100, 100), colour) for colour in ("red", "green", "blue")]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    upload(as_dora, written.getvalue(), "me.gif", "image/gif")
    with Image.open(tmp_path / stored(dora)) as image:
        assert getattr(image, "n_frames", 1) == 1


def test_no_metadata_is_kept(as_dora, dora, tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "SECRET-DESCRIPTION"
    exif.get_ifd(0x8825)[1] = "N"
    content = drawn("JPEG", exif=exif, icc_profile=b"SECRET-PROFILE", comment=b"SECRET-COMMENT")
    assert b"SECRET-DESCRIPTION" in content
    upload(as_dora, content, "me.jpg", "image/jpeg")
    for file in tmp_path.rglob("*.webp"):
        assert b"SECRET" not in file.read_bytes()
        with Image.open(file) as image:
            assert not image.getexif()
            assert not image.info.get("icc_profile")


def test_text_in_a_png_is_not_kept(as_dora, dora, tmp_path):
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "<script>SECRET</script>")
    upload(as_dora, drawn(pnginfo=words))
    assert b"SECRET" not in (tmp_path / stored(dora)).read_bytes()


def test_picture_is_turned_as_the_camera_says(as_dora, dora, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Image.new("RGB", (600, 600), "white")
    picture.paste("black", (0, 0, 600, 300))
    written = io.BytesIO()
    picture.save(written, "JPEG", exif=exif)
    upload(as_dora, written.getvalue(), "me.jpg", "image/jpeg")
    with Image.open(tmp_path / stored(dora)) as image:
        assert image.convert("L").getpixel((500, 250)) < 60
        assert image.convert("L").getpixel((10, 250)) > 200


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE = {
    "nothing": b"",
    "svg": SVG,
    "html": b"<!doctype html><script>alert(1)</script>",
    "html that begins like a gif": b"GIF89a/*<script>alert(1)</script>*/=1;",
    "truncated jpeg": drawn("JPEG")[:400],
    "truncated png": drawn()[:100],
    "truncated webp": drawn("WEBP")[:60],
    "pixel flood": flood(),
    "pixel flood in height": flood(1, 2**31 - 1),
    "pdf": b"%PDF-1.4\n%\xe2\xe3",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "tiff": drawn("TIFF"),
    "bmp": drawn("BMP"),
    "icon": drawn("ICO", size=(32, 32)),
    "zip": b"PK\x03\x04" + b"\0" * 100,
    "noise": bytes(range(256)) * 40,
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize(("name", "content_type"), [("me.jpg", "image/jpeg"), ("me.svg", "image/svg+xml")])
def test_hostile_file_is_refused_with_a_sentence(as_dora, dora, tmp_path, what, name, content_type):
    answer = upload(as_dora, HOSTILE[what], name, content_type)
    assert answer.status_code == 200
    assert answer.context["picture_form"].errors["picture"]
    assert stored(dora) == ""
    assert not list(tmp_path.rglob("*.*"))


def test_polyglot_loses_what_is_not_picture(as_dora, dora, tmp_path):
    upload(as_dora, drawn("JPEG") + SVG + b"<?php echo 1; ?>", "me.php", "text/html")
    content = (tmp_path / stored(dora)).read_bytes()
    assert b"<script" not in content
    assert b"<?php" not in content


def test_wrong_content_type_makes_no_difference(as_dora, dora):
    upload(as_dora, drawn("JPEG"), "me.html", "text/html")
    assert stored(dora).endswith(".webp")


def test_more_than_eight_megabytes_are_refused_unread(as_dora, dora):
    answer = upload(as_dora, drawn() + b"\0" * pictures.BYTES)
    assert "8 MB" in str(answer.context["picture_form"].errors)
    assert stored(dora) == ""


def test_picture_that_could_be_read_but_is_too_large_is_refused(as_dora, dora):
    answer = upload(as_dora, drawn(size=(6000, 5000), mode="1"))
    assert "25 megapixels" in str(answer.context["picture_form"].errors)
    assert stored(dora) == ""


def test_pixel_flood_takes_no_memory(as_dora):
    tracemalloc.start()
    upload(as_dora, flood())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_two_pictures_have_unrelated_names(as_dora, dora):
    upload(as_dora, drawn())
    first = stored(dora)
    upload(as_dora, drawn())
    assert stored(dora) != first


def test_new_picture_replaces_the_files_of_the_old(
    as_dora, dora, tmp_path, django_capture_on_commit_callbacks
):
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            upload(as_dora, drawn())
    assert len(list(tmp_path.rglob("*.webp"))) == 2


def test_picture_can_be_removed(as_dora, dora, tmp_path, django_capture_on_commit_callbacks):
    upload(as_dora, drawn())
    with django_capture_on_commit_callbacks(execute=True):
        as_dora.post(f"{UPLOAD}remove/")
    assert stored(dora) == ""
    assert not list(tmp_path.rglob("*.webp"))


def test_picture_is_served_as_nothing_but_a_picture(as_dora, dora):
    upload(as_dora, drawn())
    answer = as_dora.get(f"/media/{stored(dora)}")
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    [
        "../manage.py",
        "..%2fmanage.py",
        "x.html",
        "a.webp",
        "0" * 32 + ".svg",
        "0" * 32 + ".webp",
        "0" * 32 + ".webp%00",
    ],
)
def test_nothing_else_is_served(client, path):
    assert client.get(f"/media/pictures/{path}").status_code == 404


def test_initials_stand_where_there_is_no_picture(as_alice, conference, bob):
    User.objects.filter(pk=bob.user.pk).update(name="Bob Odenkirk")
    shown = parse(as_alice.get(f"/conferences/{conference.slug}/members/{bob.pk}/"))
    assert "BO" in shown.texts("span")


def test_upload_needs_a_log_in(client, dora):
    assert upload(client, drawn()).url.startswith("/accounts/login/")


def test_form_says_what_can_be_uploaded(as_dora):
    assert "at most 8 MB and 25 megapixels" in parse(as_dora.get("/people/profile/")).text


def test_name_of_a_picture_does_not_follow_from_the_person(as_dora, dora, tmp_path):
    names = set()
    for _ in range(2):
        upload(as_dora, drawn())
        names.add(stored(dora))
        for file in tmp_path.rglob("*.webp"):
            file.unlink()
    assert len(names) == 2


def scanned(times):
    """A progressive JPEG whose last scan is repeated this many times."""
    written = io.BytesIO()
    Image.new("L", (5000, 5000)).save(written, "JPEG", progressive=True)
    content = written.getvalue()
    scan = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + scan * times + b"\xff\xd9"


def test_picture_of_thousands_of_scans_is_refused(as_dora, dora):
    answer = upload(as_dora, scanned(5000), "me.jpg", "image/jpeg")
    assert "takes too long to process" in str(answer.context["picture_form"].errors)
    assert stored(dora) == ""


def test_scans_are_counted_before_any_is_decoded(monkeypatch):
    decodings = []
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: decodings.append(image.size))
    assert picture_decoder.decoded(scanned(5000)) == (picture_decoder.TOO_MANY_SCANS, b"")
    assert decodings == []


def test_progressive_picture_of_a_camera_is_taken(as_dora, dora):
    upload(as_dora, scanned(5), "me.jpg", "image/jpeg")
    assert stored(dora)


@pytest.mark.slow
def test_decoder_ends_after_four_seconds_of_the_processor():
    endless = "import resource; import accounts.picture_decoder as d; d.confine()\nwhile True: pass"
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    ended = subprocess.run([sys.executable, "-c", endless], cwd=configured.BASE_DIR, check=False)
    assert ended.returncode in (-signal.SIGXCPU, -signal.SIGKILL)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - used < 6


@pytest.mark.parametrize(
    "greed",
    ["bytearray(800_000_000)", "tempfile.TemporaryFile().write(b'x' * 99_999)"],
    ids=["memory", "file"],
)
def test_decoder_gets_neither_much_memory_nor_a_file(greed):
    code = f"import tempfile, accounts.picture_decoder as decoder; decoder.confine(); {greed}"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, cwd=configured.BASE_DIR, capture_output=True, check=False)
    assert ended.returncode != 0


def test_slow_decoder_is_given_up_with_a_sentence(as_dora, dora, monkeypatch):
    monkeypatch.setattr(pictures, "WAIT_SECONDS", 0.001)
    answer = upload(as_dora, drawn())
    assert "takes too long to process" in str(answer.context["picture_form"].errors)
    assert (answer.status_code, stored(dora)) == (200, "")


def test_upload_while_another_is_read_is_asked_to_come_back(as_dora, dora):
    with limits.heavy_work_lock:
        answer = upload(as_dora, drawn())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert "try again in a few seconds" in str(answer.context["picture_form"].errors)
    assert stored(dora) == ""


def test_seventh_picture_within_a_minute_is_refused(as_dora, dora):
    with time_machine.travel("2026-11-26 10:00:00Z", tick=False):
        for _ in range(6):
            assert upload(as_dora, b"x").status_code == 200
        answer = upload(as_dora, drawn())
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert stored(dora) == ""


@pytest.mark.django_db(transaction=True)
def test_one_picture_is_decoded_at_a_time_on_a_host(dora):
    file = SimpleUploadedFile("me.png", drawn())
    with limits.alone_on_this_host("pictures"):
        waiting = InThread(lambda: pictures.set_picture(by=Actor(dora), upload=file))
        waiting.join(0.5)
        assert waiting.is_alive()
    assert waiting.finish().error is None
    assert stored(dora)


@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_of_fourteen_uploads_at_once_one_is_decoded_and_the_others_do_not_wait(dora, tmp_path):
    clients = [Client() for _ in range(14)]
    for number, client in enumerate(clients):
        client.force_login(make_user(f"p{number}@example.org"))
    content, start = drawn(size=(2000, 2000)), threading.Barrier(14)

    def send(client):
        start.wait()
        return upload(client, content).status_code

    answers = [InThread(partial(send, client)) for client in clients]
    found = Counter(answer.finish().result for answer in answers)
    assert set(found) == {302, 503}
    assert found[503] >= 10
    assert len(list(tmp_path.rglob("*-small.webp"))) == found[302]


# A WebP whose EXIF part has a number where a table belongs.
BROKEN_EXIF = base64.b64decode(
    "UklGRqYAAABXRUJQVlA4WAoAAAAIAAAAPwAALwAAVlA4IEgAAADwAwCdASpAADAAPm02mEkkIyKhIqgAgA2JZwDU9oB+AAAV"
    "GmMcPgzAAP7wm0P/8guWF1yNf/8gP+QH/ID/+PfFDYqwyAAAAABFWElGOAAAAE1NACoAAAAIAAIBEgADAAAAAQAGAACIJQAE"
    "AAAAAQAAACYAAAAAAAEAAAACAAAAAk4AAAAAAAAA"
)


def test_picture_that_breaks_the_decoder_is_refused_with_a_sentence(as_dora, dora):
    assert "could not be read as a picture" in parse(upload(as_dora, BROKEN_EXIF)).text
    assert not stored(dora)


@pytest.mark.django_db(transaction=True)
def test_two_pictures_at_once_leave_the_files_of_one(dora, tmp_path):
    for person in (User.objects.get(pk=dora.pk), User.objects.get(pk=dora.pk)):
        pictures.set_picture(by=Actor(person), upload=SimpleUploadedFile("me.png", drawn()))
    assert len(list(tmp_path.rglob("*.webp"))) == 2


@pytest.mark.django_db(transaction=True)
def test_picture_on_its_way_over_a_deletion_is_not_kept(dora, tmp_path):
    late = User.objects.get(pk=dora.pk)
    pictures.set_picture(by=Actor(dora), upload=SimpleUploadedFile("me.png", drawn()))
    erase_user(user=dora)
    with pytest.raises(ValidationError, match="disabled"):
        pictures.set_picture(by=Actor(late), upload=SimpleUploadedFile("me.png", drawn()))
    assert (stored(late), list(tmp_path.rglob("*.webp"))) == ("", [])
