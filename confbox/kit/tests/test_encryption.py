"""Encrypted text is unreadable, unchangeable, and readable after a change of the key and of the cipher."""

import base64
import hashlib

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.utils.encoding import force_bytes

from confbox.kit.encryption import decrypt, encrypt


@pytest.mark.parametrize("text", ["", "a word", "Ünïcödé 🗳", "x" * 100_000])
def test_encrypted_text_can_be_decrypted(text):
    assert decrypt(encrypt(text)) == text


def test_same_text_is_never_encrypted_alike():
    assert len({encrypt("word") for _ in range(20)}) == 20


@pytest.mark.parametrize("position", [3, 10, 20, -3])
def test_what_was_changed_does_not_open(position):
    encrypted = encrypt("a word that matters")
    other = "A" if encrypted[position] != "A" else "B"
    changed = encrypted[:position] + other + encrypted[position:][1:]
    with pytest.raises(InvalidToken):
        decrypt(changed)


@pytest.mark.parametrize("nonsense", ["", "x", "g1.", "g1.x", "g1.AAAA", "g1.ü"])
def test_nonsense_does_not_open(nonsense):
    with pytest.raises((InvalidToken, ValueError)):
        decrypt(nonsense)


def test_another_key_does_not_open(settings):
    encrypted = encrypt("word")
    settings.SECRET_KEY = "another"
    with pytest.raises(InvalidToken):
        decrypt(encrypted)


def test_earlier_key_opens(settings):
    encrypted = encrypt("word")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert decrypt(encrypted) == "word"


def test_text_of_an_earlier_version_can_be_decrypted(settings):
    key = hashlib.blake2b(force_bytes(settings.SECRET_KEY), digest_size=32, person=b"confbox.seals").digest()
    assert decrypt(Fernet(base64.urlsafe_b64encode(key)).encrypt(b"word").decode()) == "word"
