"""Settings come from the environment, are documented, and stop the start if they must."""

import ast
import email
import email.policy
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
READERS = re.compile(r"env\.\w+|os\.environ\.get|flag|number|one_line|required|sender|text")
NAMES = [
    "Acme, Inc.",
    'The "Box"',
    "Back\\slash",
    "<Acme>",
    "a@b",
    "مؤتمر, القاهرة",
    "Größe: 1; 2",
    "🎤 (beta)",
]
SENDERS = ["a@x.org", "A. B. <a@x.org>", '"Acme, Inc." <a@x.org>', "Zoë <a@intranet>"]
COMPLETE = {
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "x" * 20 + "a-key-of-enough-different-characters",
    "ALLOWED_HOSTS": "example.org",
    "DATABASE_URL": "sqlite:////nowhere/confbox.sqlite3",
}


def names_read():
    calls = [
        n for n in ast.walk(ast.parse((ROOT / "confbox/settings.py").read_text())) if isinstance(n, ast.Call)
    ]
    names = [
        call.args[0].value
        for call in calls
        if READERS.fullmatch(ast.unparse(call.func)) and call.args and isinstance(call.args[0], ast.Constant)
    ]
    return {n for n in names if isinstance(n, str) and re.fullmatch("[A-Z][A-Z_]+", n)}


def names_in(file):
    return re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", (ROOT / file).read_text(), re.MULTILINE)


def start(tmp_path, command=("manage.py", "check"), **variables):
    known = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, *command],
        check=False,
        cwd=ROOT,
        env=known | {k: v for k, v in (COMPLETE | variables).items() if v is not None},
        capture_output=True,
        text=True,
    )


def test_example_explains_exactly_the_variables_that_are_read():
    assert sorted(names_in(".env.example")) == sorted(names_read())


def test_production_example_names_only_variables_that_are_read():
    assert set(names_in("deploy/production.env.example")) <= names_read()


@pytest.mark.slow
def test_production_example_is_clean_once_the_key_is_filled_in(tmp_path):
    missing = dict.fromkeys(COMPLETE)
    variables = missing | {"ENV_FILE": "deploy/production.env.example", "SECRET_KEY": COMPLETE["SECRET_KEY"]}
    done = start(tmp_path, ("manage.py", "check", "--deploy", "--fail-level", "WARNING"), **variables)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


@pytest.mark.slow
def test_production_example_alone_does_not_start(tmp_path):
    missing = dict.fromkeys(COMPLETE)
    done = start(tmp_path, **missing | {"ENV_FILE": "deploy/production.env.example"})
    assert "SECRET_KEY is not set" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_production_without_a_value_stops_and_names_it(tmp_path, name, value):
    done = start(tmp_path, **{name: value})
    assert done.returncode != 0
    assert f"{name} is not set." in done.stderr


@pytest.mark.slow
def test_development_starts_without_any_value(tmp_path):
    done = start(tmp_path, **dict.fromkeys(COMPLETE) | {"ENV_FILE": os.devnull, "DEBUG": "true"})
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"HTTPS": "ture"}, "HTTPS must be true or false, and it is 'ture'."),
        ({"DATABASE_URL": "postgres://h/d"}, "DATABASE_URL must begin with mysql:// or sqlite:///."),
        ({"DATABASE_URL": "mysql://u:p/ss@h/d"}, "DATABASE_URL cannot be read. Special characters"),
        ({"DATABASE_URL": "mysql://u@h/"}, "DATABASE_URL names no database."),
        ({"DATABASE_URL": "sqlite:///"}, "DATABASE_URL names no database."),
        ({"EMAIL_URL": "smtp://u:p/ss@h:25"}, "EMAIL_URL cannot be read."),
        ({"CAMPAIGN_EMAILS_PER_MINUTE": "-1"}, "CAMPAIGN_EMAILS_PER_MINUTE must be a whole number"),
        ({"DATABASE_TIMEOUT": "10s"}, "DATABASE_TIMEOUT must be a whole number, and it is '10s'."),
        ({"HASHES_AT_ONCE": "two"}, "HASHES_AT_ONCE must be a whole number, and it is 'two'."),
        ({"HASHES_WAITING": "-8"}, "HASHES_WAITING must be a whole number, and it is '-8'."),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT must be text or json, and it is 'xml'."),
        ({"SLOW_QUERY_MS": "1s"}, "SLOW_QUERY_MS must be a whole number, and it is '1s'."),
        ({"SECURITY_CONTACT": "me@x.org"}, "SECURITY_CONTACT must begin with mailto:, https:// or tel:"),
        ({"SITE_NAME": "Acme\r\nBcc: all@x.org"}, "SITE_NAME must be one line of visible characters"),
        ({"DEFAULT_FROM_EMAIL": "Acme, Inc. <a@x.org>"}, "DEFAULT_FROM_EMAIL must be one sender such as"),
        ({"BOUNCE_ADDRESS": "bounces"}, "BOUNCE_ADDRESS must be an email address such as"),
        ({"BOUNCE_ADDRESS": "bounces+a@x.org"}, "BOUNCE_ADDRESS must be an email address such as"),
        ({"BOUNCE_IMAP": "mail.x.org"}, "BOUNCE_IMAP must be such as imaps://"),
        ({"OIDC_SERVER_URL": "https://id.x.org"}, "OpenID also needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET."),
        ({"OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b"}, "OpenID also needs OIDC_SERVER_URL."),
        ({"GOOGLE_CLIENT_ID": "a"}, "Log-in with Google also needs GOOGLE_CLIENT_SECRET."),
        ({"MICROSOFT_CLIENT_SECRET": "a"}, "Log-in with Microsoft also needs MICROSOFT_CLIENT_ID."),
        ({"GITHUB_CLIENT_ID": "a"}, "Log-in with GitHub also needs GITHUB_CLIENT_SECRET."),
        ({"MICROSOFT_TENANT": "x/../y"}, "MICROSOFT_TENANT must be common, organizations, or the ID"),
        ({"TRUSTED_LOGIN_PROVIDERS": "google"}, "TRUSTED_LOGIN_PROVIDERS names 'google', which is not"),
        (
            {"OIDC_SERVER_URL": "http://x.org", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b"},
            "OIDC_SERVER_URL must begin with https://",
        ),
        ({"BOUNCE_WEBHOOK": "other"}, "BOUNCE_WEBHOOK must be brevo, mailgun or postmark."),
        (
            {"BOUNCE_WEBHOOK": "brevo", "BOUNCE_ADDRESS": "b@x.org", "BOUNCE_WEBHOOK_SECRET": "a:short"},
            "BOUNCE_WEBHOOK_SECRET must be user:password",
        ),
        ({"DEFAULT_FROM_EMAIL": "Acme"}, "DEFAULT_FROM_EMAIL must be one sender such as"),
        ({"DEFAULT_FROM_EMAIL": "Acme <a@x.org"}, "DEFAULT_FROM_EMAIL must be one sender such as"),
        ({"DEFAULT_FROM_EMAIL": "a@x.org, b@x.org"}, "DEFAULT_FROM_EMAIL must be one sender such as"),
        ({"DEFAULT_FROM_EMAIL": "all: a@x.org;"}, "DEFAULT_FROM_EMAIL must be one sender such as"),
        ({"DEFAULT_FROM_EMAIL": "A <a@x.org>\nBcc: b@x.org"}, "DEFAULT_FROM_EMAIL must be one line"),
        ({"WEBHOOK_ALLOWED_NETWORKS": "10.0.0.1/8"}, "WEBHOOK_ALLOWED_NETWORKS must be networks such as"),
        ({"WEBHOOK_EXTRA_CA": "/no/such.pem"}, "WEBHOOK_EXTRA_CA must be a file, and there is no"),
        ({"MAILBOX": "true"}, "MAILBOX shows every email to everyone"),
    ],
)
def test_mistaken_value_stops_with_a_sentence(tmp_path, variables, sentence):
    done = start(tmp_path, **variables)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "p/ss" not in done.stderr.splitlines()[-1]


def printed(tmp_path, expression, **variables):
    """The value of an expression about the settings, for which no application has to be loaded."""
    program = f"from django.conf import settings; print({expression})"
    done = start(tmp_path, ("-c", program), DJANGO_SETTINGS_MODULE="confbox.settings", **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("value", "secure"), [("", "True"), ("true", "True"), ("False", "False"), ("0", "False")]
)
def test_empty_https_is_the_safe_default(tmp_path, value, secure):
    assert printed(tmp_path, "settings.SESSION_COOKIE_SECURE", HTTPS=value) == secure


@pytest.mark.slow
def test_copy_of_the_example_starts_in_development(tmp_path):
    missing = dict.fromkeys(COMPLETE)
    name = printed(tmp_path, "settings.SITE_NAME", **missing | {"ENV_FILE": ".env.example"})
    assert name == "ConferenceBox"


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "Acme, Inc.",
        'The "Box"',
        "Back\\slash",
        "<Acme>",
        "a@b",
        "مؤتمر, القاهرة",
        "Größe: 1; 2",
        "🎤 Box (beta)",
    ],
)
def test_any_name_of_the_site_is_the_name_of_the_sender(tmp_path, name):
    message = (
        "__import__('django.core.mail').core.mail.EmailMessage(to=['a@example.org']).message().as_bytes()"
    )
    sent = ast.literal_eval(printed(tmp_path, message, SITE_NAME=name))
    (address,) = email.message_from_bytes(sent, policy=email.policy.default)["From"].addresses
    assert (address.display_name, address.addr_spec) == (name, "noreply@localhost")


@pytest.mark.slow
@pytest.mark.parametrize(
    "value", ["a@x.org", "A. B. <a@x.org>", '"Acme, Inc." <a@x.org>', "Zoë <a@intranet>"]
)
def test_usual_senders_start(tmp_path, value):
    assert printed(tmp_path, "settings.DEFAULT_FROM_EMAIL", DEFAULT_FROM_EMAIL=value) == value


@pytest.mark.slow
def test_secret_key_may_start_with_a_dollar_sign(tmp_path):
    assert printed(tmp_path, "settings.SECRET_KEY", SECRET_KEY="$abc") == "$abc"


@pytest.mark.slow
def test_password_of_the_database_is_decoded(tmp_path):
    password = "settings.DATABASES['default']['PASSWORD']"
    assert printed(tmp_path, password, DATABASE_URL="mysql://u:p%23%40%25ss@h/d") == "p#@%ss"


@pytest.mark.slow
def test_missing_mysql_driver_is_named(tmp_path):
    program = "import sys; sys.modules['MySQLdb'] = None; import confbox.settings"
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(tmp_path),
            **COMPLETE,
            "DATABASE_URL": "mysql://u@h/d",
        },
        capture_output=True,
        text=True,
    )
    assert "DATABASE_URL names MySQL, and its driver is missing." in done.stderr


@pytest.mark.slow
def test_passwords_are_hashed_with_argon2id_of_the_chosen_cost(tmp_path):
    hashed = "__import__('django.contrib.auth.hashers').contrib.auth.hashers.make_password('word')"
    assert printed(tmp_path, hashed).startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.slow
def test_password_hashed_before_argon2_still_opens(tmp_path):
    opened = (
        "(lambda h: h.check_password('word', h.PBKDF2PasswordHasher().encode('word', 'salt', 1)))"
        "(__import__('django.contrib.auth.hashers').contrib.auth.hashers)"
    )
    assert printed(tmp_path, opened) == "True"
