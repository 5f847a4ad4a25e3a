"""Third-party files are the ones in the manifest, unchanged."""

import hashlib
import json

from django.conf import settings

FOLDERS = ("static/vendor", "confbox/tests/vendor", "conferences/sharing/fonts")
VENDOR = [settings.BASE_DIR / folder for folder in FOLDERS]
MANIFEST = VENDOR[0] / "MANIFEST.json"


def vendored():
    packages = json.loads(MANIFEST.read_text()).values()
    return {target: file["sha256"] for package in packages for target, file in package["files"].items()}


def test_every_vendored_file_has_the_recorded_hash():
    found = {
        target: hashlib.sha256((settings.BASE_DIR / target).read_bytes()).hexdigest() for target in vendored()
    }
    assert found == vendored()


def test_no_file_is_vendored_without_a_record():
    files = {f for folder in VENDOR for f in folder.rglob("*") if f.is_file() and f != MANIFEST}
    assert {str(f.relative_to(settings.BASE_DIR)) for f in files} == set(vendored())


def test_every_vendored_package_names_version_licence_and_integrity():
    for name, package in json.loads(MANIFEST.read_text()).items():
        assert package["version"], name
        assert package["licence"], name
        assert package["integrity"].startswith("sha512-"), name


def test_no_vendored_file_refers_to_a_missing_source_map():
    for target in vendored():
        assert b"sourceMappingURL" not in (settings.BASE_DIR / target).read_bytes(), target
