"""The application's own settings under test: fast hashes, emails kept in memory, tasks run immediately."""

import os

os.environ["ENV_FILE"] = os.devnull
os.environ.setdefault("DEBUG", "true")
os.environ.setdefault("HTTPS", "false")

from confbox.settings import *  # noqa: F403

DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": []}}
# Static files are found in their source folders; nothing is collected for a test.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
CAMPAIGN_EMAILS_PER_MINUTE = 0
