"""A real mail server for one test, which answers as its handler says."""

from contextlib import contextmanager

from aiosmtpd.controller import Controller

from confbox.kit.tests.ports import free_port


@contextmanager
def serving(handler, settings):
    """Emails of the site go to this server meanwhile."""
    controller = Controller(handler, hostname="127.0.0.1", port=0)
    controller.port = free_port()
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    try:
        yield handler
    finally:
        controller.stop()
