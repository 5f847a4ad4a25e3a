"""A secret can be in a file instead of a variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from confbox.secret_files import SECRETS, read_secret_files
from confbox.tests.test_settings import names_read, start


@pytest.mark.slow
def test_site_starts_with_its_secret_key_in_a_file(tmp_path):
    key = tmp_path / "key"
    key.write_text(f"{'a-key-of-enough-different-characters' * 2}\n")
    show = (
        "manage.py",
        "shell",
        "--no-imports",
        "-c",
        "from django.conf import settings; print(settings.SECRET_KEY)",
    )
    done = start(tmp_path, show, SECRET_KEY=None, SECRET_KEY_FILE=str(key))
    assert done.stdout == key.read_text(), done.stderr


def test_file_counts_and_its_last_line_break_does_not(tmp_path):
    (tmp_path / "url").write_text("smtp://mail.example.org:25\n")
    variables = {"EMAIL_URL": "from before", "EMAIL_URL_FILE": str(tmp_path / "url")}
    read_secret_files(variables)
    assert variables["EMAIL_URL"] == "smtp://mail.example.org:25"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_file_that_cannot_be_read_stops_the_start_and_is_named(tmp_path, content):
    file = tmp_path / "key"
    if content:
        file.write_bytes(content)
    with pytest.raises(ImproperlyConfigured, match=f"^SECRET_KEY_FILE names a file .*{file}"):
        read_secret_files({"SECRET_KEY_FILE": str(file)})


def test_without_a_file_nothing_changes():
    variables = {"SECRET_KEY": "key", "SIGNING_KEY_FILE": " "}
    read_secret_files(variables)
    assert variables == {"SECRET_KEY": "key", "SIGNING_KEY_FILE": " "}


def test_each_is_a_variable_of_the_site():
    assert set(SECRETS) <= names_read()
