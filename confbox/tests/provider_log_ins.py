"""A person at a provider: what their browser does there and back."""

import http.client
import re
from urllib.parse import urlsplit

from confbox.kit.tests.page import parse
from confbox.tests.open_id_provider import CLIENT, SECRET

WITH, BACK = "/accounts/with/oidc/", "/accounts/with/oidc/back/"
NEW, CODE, RESEND = (f"/accounts/log-ins/new/{end}" for end in ("", "code/", "code/resend/"))
CONNECTED = "/accounts/log-ins/"


def offered(provider, **more):
    """The settings of a site that offers it."""
    known = {"client_id": CLIENT, "secret": SECRET}
    return {"oidc": {"name": "Acme ID", "server_url": provider.url} | known} | more


def to_provider(client, path=WITH, **data):
    """The URL to which the page leads."""
    page = parse(client.post(path, data))
    [content] = page.attributes("meta[http-equiv=refresh]", "content")
    return content.removeprefix("0;url=")


def at_provider(url):
    """Where the provider sends the browser back to, as a path of the site."""
    found = urlsplit(url)
    connection = http.client.HTTPConnection(found.netloc, timeout=5)
    connection.request("GET", f"{found.path}?{found.query}")
    there = urlsplit(connection.getresponse().headers["Location"])
    connection.close()
    return f"{there.path}?{there.query}"


def go(client, path=WITH, **data):
    """There and back; the answer of the site to the one who has come back."""
    return client.get(at_provider(to_provider(client, path, **data)))


def code_of(message):
    return re.search(r"\b\d{6}\b", message.body)[0]


def is_logged_in(client):
    return "_auth_user_id" in client.session


def said(client, path="/accounts/login/"):
    """The messages that the next page shows."""
    return " ".join(parse(client.get(path)).texts(".message"))
