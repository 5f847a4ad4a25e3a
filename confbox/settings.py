"""Settings, read from the environment (and `.env`) only; `.env.example` explains each variable."""

import os
import re
from email.errors import ObsoleteHeaderDefect
from email.policy import default as mail_policy
from email.utils import quote as quoted
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import quote

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from confbox.secret_files import read_secret_files

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(os.environ.get("ENV_FILE", str(BASE_DIR / ".env")))
read_secret_files(os.environ)


def text(name: str, default: str = "") -> str:
    """The variable's value, or the default if it is absent or empty.

    Not read through `env`, which treats a value that starts with a dollar sign as the name of another
    variable.
    """
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    """A yes or no.

    Unlike with `env.bool`, an empty value is the default and a misspelt one stops the start.
    """
    value = text(name).lower()
    if value not in {"", *env.BOOLEAN_TRUE_STRINGS, "false", "off", "n", "no", "0"}:
        raise ImproperlyConfigured(f"{name} must be true or false, and it is {value!r}.")
    return value in env.BOOLEAN_TRUE_STRINGS if value else default


def number(name: str, default: int) -> int:
    """A whole number that is not negative; an empty value is the default, anything else stops the start."""
    value = text(name) or str(default)
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, and it is {value!r}.")
    return int(value)


def networks(name: str, value: str) -> list[IPv4Network | IPv6Network]:
    """Networks such as 10.0.0.0/8, separated by commas; none if it is empty."""
    try:
        return [ip_network(each.strip()) for each in value.split(",")] if value else []
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} must be networks such as 10.0.0.0/8,fd00::/8, and it is {value!r}."
        ) from None


def one_line(name: str, default: str) -> str:
    """The value without line breaks and invisible characters, because it is used in headers of emails."""
    value = text(name, default)
    if not value.isprintable():
        raise ImproperlyConfigured(f"{name} must be one line of visible characters, and it is {value!r}.")
    return value


def sender(name: str, default: str) -> str:
    """The value, which must be a single mailbox; with anything else every email would fail."""
    value = one_line(name, default)
    header = mail_policy.header_factory("From", value)
    is_misspelt = any(not isinstance(defect, ObsoleteHeaderDefect) for defect in header.defects)
    if is_misspelt or len(header.addresses) != 1 or header.groups[0].display_name is not None:
        raise ImproperlyConfigured(
            f'{name} must be one sender such as "Acme, Inc." <noreply@example.org>, with quotation marks '
            f"around a name that has a comma, and it is {value!r}."
        )
    return value


DEBUG = flag("DEBUG", default=False)


def required(name: str, development: str) -> str:
    """The variable's value; in development the given one; in production a missing one stops the start.

    Raises:
        ImproperlyConfigured: in production, if the variable is missing or empty.
    """
    value = text(name) or (development if DEBUG else "")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Production needs it: see deploy/production.env.example."
        )
    return value


VAR_DIR = Path(text("VAR_DIR") or BASE_DIR / "var").absolute()
VAR_DIR.mkdir(exist_ok=True)

# --- security -------------------------------------------------------------------------------
SECRET_KEY = required("SECRET_KEY", "development-only-secret-key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = [h.strip() for h in required("ALLOWED_HOSTS", "*").split(",")]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = flag("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_PROXY = flag("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_CLIENT_IP_HEADER = "X-Real-IP"
# A browser accepts a cookie with this prefix only from this exact host and only over HTTPS.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}django_language"
THEME_COOKIE_NAME = f"{COOKIE_PREFIX}theme"
VOTED_COOKIE_NAME = f"{COOKIE_PREFIX}voted"
MESSAGE_STORAGE = "confbox.cookies.Messages"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "accounts.views.form_recovery.refuse_forged_form"
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}device"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # Previews of emails, which have a policy of their own.
        "frame-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: []
    for name in ("accelerometer", "camera", "geolocation", "gyroscope", "microphone", "payment", "usb")
}

# --- application ----------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "confbox.static_files.CollectedFiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "confbox.kit",
    "accounts",
    "conferences",
    "voting",
    "confbox.watching",
    "django.contrib.admin",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    # Only for its static files.
    "ninja",
]
MIDDLEWARE = [
    "confbox.watching.request_ids.RequestIDs",
    "django.middleware.security.SecurityMiddleware",
    "confbox.isolation.Isolation",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "confbox.api.layer.ApiHeaders",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "confbox.csp_header.ComposedPolicy",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "accounts.security_log.LogRefusals",
    "confbox.locale.Locale",
    # What is under /api/ passes the layers after this one only with the log-in of a browser.
    "confbox.api.layer.Api",
    "confbox.plain_paths.PlainPaths",
    "confbox.kit.limit_pages.LargeBodies",
    "confbox.repeated_forms.RepeatedForms",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.session_limits.CountedSessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.BusyHashing",
    "accounts.sessions.Authentication",
    "accounts.session_lifetime.SessionLifetime",
    "accounts.middleware.LogInFirst",
    "confbox.private_pages.PrivatePages",
    "django.contrib.messages.middleware.MessageMiddleware",
    "confbox.kit.limit_pages.LimitAnswers",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.DropHandledForms",
    "accounts.middleware.PersonPreferences",
    "accounts.middleware.StaffSecondFactor",
    "django_htmx.middleware.HtmxMiddleware",
    "conferences.merging.redirects.OldAddresses",
]
ROOT_URLCONF = "confbox.urls"
WSGI_APPLICATION = "confbox.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
SITE_NAME = one_line("SITE_NAME", "ConferenceBox")

# --- data -----------------------------------------------------------------------------------
DATABASE_URL = required("DATABASE_URL", f"sqlite:///{quote(str(VAR_DIR))}/confbox.sqlite3")
if not DATABASE_URL.startswith(("mysql://", "sqlite:///")):
    raise ImproperlyConfigured("DATABASE_URL must begin with mysql:// or sqlite:///.")
try:
    DATABASE = environ.Env.db_url_config(DATABASE_URL)
except ValueError:
    raise ImproperlyConfigured(
        "DATABASE_URL cannot be read. Special characters of the password must be percent-encoded: / is %2F."
    ) from None
if DATABASE["NAME"] in ("", ":memory:"):
    raise ImproperlyConfigured("DATABASE_URL names no database.")
DATABASE_TIMEOUT = number("DATABASE_TIMEOUT", 0)
DATABASES = {"default": DATABASE}
DATABASE["CONN_MAX_AGE"] = 60
DATABASE["CONN_HEALTH_CHECKS"] = True
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock at BEGIN, so a check and the write after it are one atomic step.
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    if find_spec("MySQLdb") is None:
        raise ImproperlyConfigured(
            "DATABASE_URL names MySQL, and its driver is missing. Install Debian's packages build-essential, "
            "pkg-config and libmariadb-dev, then: pip install -r requirements.txt"
        )
    DATABASE["ENGINE"] = "confbox.mysql"
    # UTC in the session, because the vote compares its window with the server's own clock.
    DATABASE["OPTIONS"] = {
        **DATABASE.get("OPTIONS", {}),
        "charset": "utf8mb4",
        "connect_timeout": 3,
        "init_command": "SET time_zone = '+00:00'",
    }
    if DATABASE_TIMEOUT:
        DATABASE["OPTIONS"] |= {"read_timeout": DATABASE_TIMEOUT, "write_timeout": DATABASE_TIMEOUT}
        # The breaker cannot cut off a thread that is connecting.
        DATABASE["OPTIONS"]["connect_timeout"] = 2
        # The wait for a lock of a row or table ends before the connection times out, so that the request can
        # be repeated. MariaDB ends a query that takes longer, which would go on after no one waits for it;
        # MySQL skips that part.
        lock_seconds = max(1, DATABASE_TIMEOUT // 2)
        DATABASE["OPTIONS"]["init_command"] += (
            f", innodb_lock_wait_timeout = {lock_seconds}, lock_wait_timeout = {lock_seconds}"
            f" /*M! , max_statement_time = {DATABASE_TIMEOUT - 0.5} */"
        )
    DATABASE["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_ci"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = text("REDIS_URL")


def store(name: str, table: str, most_entries: int, timeout_seconds: int) -> dict[str, object]:
    """A cache with its own keys and table, so that filling it evicts nothing from the others."""
    shared: dict[str, object] = {"KEY_PREFIX": name, "TIMEOUT": timeout_seconds}
    if REDIS_URL:
        shared |= {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        return shared | {"OPTIONS": {"socket_connect_timeout": 3, "socket_timeout": 3}}
    shared |= {"BACKEND": "confbox.caches.DatabaseCache", "LOCATION": table}
    return shared | {"OPTIONS": {"MAX_ENTRIES": most_entries}}


CACHES = {
    # Counts of rate limits and nothing else, because allauth counts here. No count lasts longer than a day.
    "default": store("counts", "cache", most_entries=50_000, timeout_seconds=86_400),
    # Data kept between two requests, such as previews: see confbox.kit.temporary_storage.
    "kept": store("kept", "kept", most_entries=5_000, timeout_seconds=900),
    # The response to the last form of each browser: see confbox.repeated_forms.
    "answers": store("answers", "answers", most_entries=20_000, timeout_seconds=300),
    # Used only with Redis.
    "sessions": store("sessions", "cache", most_entries=50_000, timeout_seconds=86_400),
}
SESSION_CACHE_ALIAS = "sessions"
SESSION_ENGINE = "accounts.cached_sessions" if REDIS_URL else "accounts.sessions"
TASK_QUEUES = ["mail", "default", "campaigns"]
if TASKS_REDIS_URL := text("TASKS_REDIS_URL"):
    INSTALLED_APPS += ["django_rq", "django_tasks_rq"]
    RQ_QUEUES = {queue: {"URL": TASKS_REDIS_URL} for queue in TASK_QUEUES}
    TASKS = {"default": {"BACKEND": "django_tasks_rq.RQBackend", "QUEUES": TASK_QUEUES}}
else:
    TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": TASK_QUEUES}}

# --- accounts -------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["conferences.teams.backend.TeamBackend"]
PASSWORD_HASHERS = [
    "accounts.hashers.Argon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.password_words.UnlikeItsOwner"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "accounts.guessable_passwords.NotGuessable"},
    {"NAME": "accounts.guessable_passwords.NotOfThisSite"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "me"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "accounts.address_forms.LogInForm",
    "confirm_email_verification_code": "accounts.address_forms.ConfirmAddressForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = 5
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = None
# Counted from the last time that the session was written; see accounts.session_lifetime.
SESSION_COOKIE_AGE = 15 * 24 * 3600
# Log-ins are limited by `accounts.password_attempts`; this limits tries at a second factor.
ACCOUNT_RATE_LIMITS = {
    "login": "",
    "login_failed": "10/5m/key",
    "signup": "",
    "reset_password": "",
    "confirm_email": "1/30s/key,6/h/key,20/d/key",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Browsers support passkeys over HTTPS and, for development, on localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.factor_forms.AskForFactor",
    "reauthenticate": "accounts.factor_forms.AskForFactorAgain",
    "activate_totp": "accounts.factor_forms.ActivateApp",
    "authenticate_webauthn": "accounts.passkey_forms.AskForPasskey",
    "reauthenticate_webauthn": "accounts.passkey_forms.AskForPasskeyAgain",
    "login_webauthn": "accounts.passkey_forms.LogInWithPasskey",
    "add_webauthn": "accounts.passkey_forms.AddPasskeyForm",
    "edit_webauthn": "accounts.passkey_forms.RenamePasskeyForm",
}
# An account exists only after its email address is confirmed, so a pending change of it is no risk.
MFA_ALLOW_UNVERIFIED_EMAIL = True
STAFF_MFA_REQUIRED = flag("STAFF_MFA_REQUIRED", default=not DEBUG)
# By ID, in the order of the buttons; no other is reachable. Each has a name, a client ID and its secret, and
# the URL of its OpenID server; GitHub has none.
LOGIN_PROVIDERS: dict[str, dict[str, str]] = {}


def offer_log_in(provider: str, name: str, *, server_url: str = "", **client: str) -> None:
    """Adds the provider if its variables are set.

    Raises:
        ImproperlyConfigured: some of them are set, and others are not.
    """
    missing = [variable for variable, value in client.items() if not value]
    if missing and len(missing) < len(client):
        raise ImproperlyConfigured(f"Log-in with {name} also needs {' and '.join(missing)}.")
    if not missing:
        ours = {key: client[f"{provider.upper()}_CLIENT_{key}"] for key in ("ID", "SECRET")}
        known = {"name": name, "server_url": server_url}
        LOGIN_PROVIDERS[provider] = known | {"client_id": ours["ID"], "secret": ours["SECRET"]}


OIDC_SERVER_URL = text("OIDC_SERVER_URL").rstrip("/").removesuffix("/.well-known/openid-configuration")
offer_log_in(
    "oidc",
    one_line("OIDC_NAME", "OpenID"),
    server_url=OIDC_SERVER_URL,
    OIDC_SERVER_URL=OIDC_SERVER_URL,
    OIDC_CLIENT_ID=text("OIDC_CLIENT_ID"),
    OIDC_CLIENT_SECRET=text("OIDC_CLIENT_SECRET"),
)
if OIDC_SERVER_URL and not OIDC_SERVER_URL.startswith(("https://", "http://") if DEBUG else "https://"):
    raise ImproperlyConfigured(f"OIDC_SERVER_URL must begin with https://, and it is {OIDC_SERVER_URL!r}.")
offer_log_in(
    "google",
    "Google",
    server_url="https://accounts.google.com",
    GOOGLE_CLIENT_ID=text("GOOGLE_CLIENT_ID"),
    GOOGLE_CLIENT_SECRET=text("GOOGLE_CLIENT_SECRET"),
)
MICROSOFT_TENANT = text("MICROSOFT_TENANT", "common")
if not re.fullmatch(r"common|organizations|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", MICROSOFT_TENANT):
    raise ImproperlyConfigured("MICROSOFT_TENANT must be common, organizations, or the ID of a tenant.")
offer_log_in(
    "microsoft",
    "Microsoft",
    server_url=f"https://login.microsoftonline.com/{MICROSOFT_TENANT}/v2.0",
    MICROSOFT_CLIENT_ID=text("MICROSOFT_CLIENT_ID"),
    MICROSOFT_CLIENT_SECRET=text("MICROSOFT_CLIENT_SECRET"),
)
offer_log_in(
    "github",
    "GitHub",
    GITHUB_CLIENT_ID=text("GITHUB_CLIENT_ID"),
    GITHUB_CLIENT_SECRET=text("GITHUB_CLIENT_SECRET"),
)
# Whose word that an email address is confirmed counts.
TRUSTED_LOGIN_PROVIDERS = text("TRUSTED_LOGIN_PROVIDERS").replace(",", " ").split()
for trusted in TRUSTED_LOGIN_PROVIDERS:
    if trusted not in LOGIN_PROVIDERS:
        raise ImproperlyConfigured(
            f"TRUSTED_LOGIN_PROVIDERS names {trusted!r}, which is not set up. It can name oidc, google, "
            "microsoft and github."
        )
SOCIALACCOUNT_ADAPTER = "accounts.providers.adapter.ProviderAdapter"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
# No account is found by the address that a provider names; see docs/decisions/log-in-providers.md.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
# On this host; one core stays free for everything else.
HASHES_AT_ONCE = number("HASHES_AT_ONCE", max(1, (os.cpu_count() or 1) - 1))
# Per process; each takes a thread of the web server.
HASHES_WAITING = number("HASHES_WAITING", 8)

# --- voting ---------------------------------------------------------------------------------
# Signs receipts and published ballots; with a new value, earlier signatures can no longer be checked.
SIGNING_KEY = env.str("SIGNING_KEY", default="") or SECRET_KEY
# Days between publishing the ballots and unlinking the voters, in which a receipt can be disputed.
DISPUTE_DAYS = int(env.str("DISPUTE_DAYS", default="") or 14)
# Whether the background work does it then; otherwise an operator runs manage.py unlink_voters.
UNLINK_AUTOMATICALLY = flag("UNLINK_AUTOMATICALLY", True)

# --- email ----------------------------------------------------------------------------------
EMAIL_URL = text("EMAIL_URL") or ("filemail://" if DEBUG else "smtp://localhost:25")
try:
    vars().update(environ.Env.email_url_config(EMAIL_URL))
except (ValueError, KeyError):
    raise ImproperlyConfigured(
        "EMAIL_URL cannot be read. It looks like smtp+tls://user:password@host:587, with special characters "
        "of the password percent-encoded: / is %2F."
    ) from None
if EMAIL_URL.startswith("filemail:"):
    EMAIL_BACKEND = "confbox.email_files.EmailBackend"
EMAIL_FILE_PATH = str(text("EMAIL_FILE_PATH") or VAR_DIR / "mail")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = sender("DEFAULT_FROM_EMAIL", f'"{quoted(SITE_NAME)}" <noreply@localhost>')
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Emails that cannot be delivered come back to this address, with a token after a plus sign. If it is empty,
# they come back to the sender.
BOUNCE_ADDRESS = text("BOUNCE_ADDRESS")
if BOUNCE_ADDRESS and not re.fullmatch(r"[\w.-]{1,20}@[\w-]+(\.[\w-]+)*", BOUNCE_ADDRESS, re.ASCII):
    raise ImproperlyConfigured(
        "BOUNCE_ADDRESS must be an email address such as bounces@example.org, with at most 20 characters "
        f"before the @ and no plus sign, and it is {BOUNCE_ADDRESS!r}."
    )
# The mailbox where they wait, for `manage.py read_bounces`.
BOUNCE_IMAP = text("BOUNCE_IMAP")
if BOUNCE_IMAP and not re.fullmatch(r"imaps?://[^/@\s]+@[\w.:-]+(/\S*)?", BOUNCE_IMAP):
    raise ImproperlyConfigured("BOUNCE_IMAP must be such as imaps://user:password@mail.example.org/INBOX.")
# An email provider that reports them to /bounces/, with what proves that it is the provider.
BOUNCE_WEBHOOK = text("BOUNCE_WEBHOOK")
BOUNCE_WEBHOOK_SECRET = text("BOUNCE_WEBHOOK_SECRET")
if BOUNCE_WEBHOOK not in ("", "brevo", "mailgun", "postmark"):
    raise ImproperlyConfigured("BOUNCE_WEBHOOK must be brevo, mailgun or postmark.")
if BOUNCE_WEBHOOK and not BOUNCE_ADDRESS:
    raise ImproperlyConfigured(
        "BOUNCE_WEBHOOK needs BOUNCE_ADDRESS: its token is what a report has to prove."
    )
if BOUNCE_WEBHOOK and not re.fullmatch(r"[^:\s]+:\S{16,}", BOUNCE_WEBHOOK_SECRET):
    raise ImproperlyConfigured(
        "BOUNCE_WEBHOOK_SECRET must be user:password, the password of 16 letters or more."
    )
ANYMAIL = {
    "WEBHOOK_SECRET": BOUNCE_WEBHOOK_SECRET,
    "MAILGUN_WEBHOOK_SIGNING_KEY": text("BOUNCE_WEBHOOK_SIGNING_KEY"),
}
if BOUNCE_WEBHOOK == "mailgun" and not ANYMAIL["MAILGUN_WEBHOOK_SIGNING_KEY"]:
    raise ImproperlyConfigured("BOUNCE_WEBHOOK=mailgun needs BOUNCE_WEBHOOK_SIGNING_KEY.")
# Prefix of links in emails that are sent without a request.
SITE_URL = text("SITE_URL", f"{'http' if DEBUG else 'https'}://{ALLOWED_HOSTS[0].lstrip('.')}").rstrip("/")
if DEBUG and "*" in SITE_URL:
    SITE_URL = "http://127.0.0.1:8000"
# Shown in security.txt, for reports of vulnerabilities.
SECURITY_CONTACT = text("SECURITY_CONTACT")
if SECURITY_CONTACT and not SECURITY_CONTACT.startswith(("mailto:", "https://", "tel:")):
    raise ImproperlyConfigured(
        f"SECURITY_CONTACT must begin with mailto:, https:// or tel:, and it is {SECURITY_CONTACT!r}."
    )
CAMPAIGN_EMAILS_PER_MINUTE = number("CAMPAIGN_EMAILS_PER_MINUTE", default=3000)
# How long a worker may be silent before its deliveries are given to others: longer than any one email
# takes.
CAMPAIGN_LEASE_SECONDS = number("CAMPAIGN_LEASE_SECONDS", default=120)
# Who gets an email when `manage.py doctor` finds a problem; without it, the organisers of the site.
ALARM_EMAILS = [to.strip() for to in text("ALARM_EMAILS").split(",") if to.strip()]
# The name under which the key of DKIM is published, so that `manage.py doctor` can look for it.
DKIM_SELECTOR = text("DKIM_SELECTOR")
# The page that shows sent emails, including codes, to everyone.
MAILBOX = flag("MAILBOX", default=DEBUG)
if MAILBOX and not DEBUG and set(ALLOWED_HOSTS) - {"localhost", "127.0.0.1", "[::1]"}:
    raise ImproperlyConfigured(
        "MAILBOX shows every email to everyone: with it, ALLOWED_HOSTS may only be localhost."
    )

# --- languages, time zone, files ------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("de", _("German")),
    ("es", _("Spanish")),
    ("fr", _("French")),
    ("hi", _("Hindi")),
]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
# The second has translations that the libraries lack or get wrong.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale/libraries"]
FORMAT_MODULE_PATH = "confbox.formats"
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = text("STATIC_ROOT") or VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_URL = "/media/"
MEDIA_ROOT = text("MEDIA_ROOT") or VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "confbox.static_files.HashedFiles"
        )
    },
}
BACKUP_DIR = Path(text("BACKUP_DIR") or VAR_DIR / "backups")
BACKUP_PUBLIC_KEY = text("BACKUP_PUBLIC_KEY")
# Read by `manage.py doctor`; without it, the doctor looks at what the site sends.
CERTIFICATE_FILE = text("CERTIFICATE_FILE")
# The size of a form without files: our longest text has 10,000 characters, each up to twelve bytes when
# encoded.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# MariaDB has no conditional unique constraints, which allauth uses; there, User.email is unique instead.
SILENCED_SYSTEM_CHECKS = ["models.W036"]
# With it, Prometheus reads /metrics; without it, there is no such page.
METRICS_TOKEN = text("METRICS_TOKEN")
# Of a query that is logged because it took so long; 0 logs none.
SLOW_QUERY_MS = number("SLOW_QUERY_MS", 1000)
# Networks that are not public and to which webhooks may be sent all the same, for drills and tests.
WEBHOOK_ALLOWED_NETWORKS = networks("WEBHOOK_ALLOWED_NETWORKS", text("WEBHOOK_ALLOWED_NETWORKS"))
# A file with certificates of an authority that webhooks trust besides those of the system.
WEBHOOK_EXTRA_CA = text("WEBHOOK_EXTRA_CA")
if WEBHOOK_EXTRA_CA and not Path(WEBHOOK_EXTRA_CA).is_file():
    raise ImproperlyConfigured(f"WEBHOOK_EXTRA_CA must be a file, and there is no {WEBHOOK_EXTRA_CA!r}.")
LOG_FORMAT = text("LOG_FORMAT", "text")
if LOG_FORMAT not in {"text", "json"}:
    raise ImproperlyConfigured(f"LOG_FORMAT must be text or json, and it is {LOG_FORMAT!r}.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"journal": {"()": "confbox.log_filter.LogFilter", "folder": VAR_DIR}},
    "formatters": {
        "text": {"()": "confbox.watching.log_lines.TextLines"},
        "json": {"()": "confbox.watching.log_lines.JsonLines"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["journal"], "formatter": LOG_FORMAT}
    },
    "root": {"handlers": ["console"], "level": text("LOG_LEVEL", "INFO")},
}
