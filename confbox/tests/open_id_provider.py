"""An OpenID Connect provider, and as much of GitHub as is used, which a test can make do anything wrong."""

import json
import time
from base64 import urlsafe_b64encode
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET, KEY_ID = "confbox", "a-client-secret", "first"


@cache
def rsa_key(number=0):
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """Who logs in there is `person`; `claims` go into the ID token over what is right."""

    def __init__(self):
        self.url, self.callbacks = "", []
        self.person = {"sub": "Dora-1", "email": "dora@example.org", "email_verified": True, "name": "Dora Q"}
        self.emails = [{"email": "dora@example.org", "primary": True, "verified": True}]
        self.claims, self.userinfo, self.config = {}, {}, {}
        self.key, self.algorithm = rsa_key(), "RS256"
        self.cancels, self.broken, self.seconds = False, {}, 0.0
        self.begun, self.asked = {}, []

    def configuration(self):
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        known = {name: f"{self.url}/{path}" for name, path in names.items()}
        known |= {"issuer": self.url, "userinfo_endpoint": f"{self.url}/userinfo"}
        return known | self.config

    def authorize(self, query):
        """Where the browser goes next."""
        assert query["redirect_uri"] in self.callbacks, query
        assert (query["client_id"], query["response_type"]) == (CLIENT, "code")
        assert query["code_challenge_method"] == "S256"
        back = {"state": query["state"]}
        if self.cancels:
            return f"{query['redirect_uri']}?{urlencode(back | {'error': 'access_denied'})}"
        code = token_urlsafe(8)
        self.begun[code] = query
        return f"{query['redirect_uri']}?{urlencode(back | {'code': code})}"

    def token(self, form):
        """The answer to a code: once, to the client that asked for it."""
        query = self.begun.pop(form["code"], None)
        digest = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        is_right = query and (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
        if not is_right or query["code_challenge"] != digest:
            return {"error": "invalid_grant"}
        answer = {"access_token": "an-access-token", "token_type": "Bearer"}
        return answer | ({"id_token": self.id_token(query)} if "nonce" in query else {})

    def id_token(self, query):
        now = int(time.time())
        right = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": query["nonce"]}
        said = right | self.person | self.claims
        present = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(present, self.key, algorithm=self.algorithm, headers={"kid": KEY_ID})

    def jwks(self):
        shown = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key().public_key()))
        return {"keys": [shown | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

    def answer(self, path, query, form):
        match path:
            case "/.well-known/openid-configuration":
                return self.configuration()
            case "/token" | "/login/oauth/access_token":
                return self.token(form)
            case "/jwks":
                return self.jwks()
            case "/userinfo":
                return {"sub": self.person["sub"]} | self.userinfo
            case "/user":
                return {"id": 4711, "login": "dora", "name": self.person["name"], "email": None}
            case "/user/emails":
                return self.emails
        raise AssertionError(path)


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):  # the name that the server calls
        provider, address = self.server.provider, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        length = int(self.headers.get("Content-Length") or 0)
        form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        provider.asked.append(address.path)
        time.sleep(provider.seconds)
        if address.path in provider.broken:
            self.reply(*provider.broken[address.path])
        elif address.path.endswith("/authorize"):
            self.reply(302, b"", Location=provider.authorize(query))
        else:
            self.reply(200, json.dumps(provider.answer(address.path, query, form)).encode())

    do_POST = do_GET  # noqa: N815

    def reply(self, status, body, **headers):
        self.send_response(status)
        known = {"Content-Type": "application/json", "Content-Length": len(body)}
        for name, value in (known | headers).items():
            self.send_header(name, str(value))
        self.end_headers()
        # The site gives up where an answer is too slow or too large.
        with suppress(ConnectionError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def open_id_provider():
    provider = Provider()
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.provider, server.daemon_threads = provider, True
        provider.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        yield provider
        server.shutdown()
