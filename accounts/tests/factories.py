import hashlib
import json
import time

from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.models import Group
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts import actions
from accounts.models import User

PASSWORD = "correct-horse-battery"


def make_user(email, *, name="", confirmed=True, password=PASSWORD, **columns):
    name = name or email.partition("@")[0].title()
    user = User.objects.create_user(email, password, name=name, **columns)
    if confirmed:
        actions.confirm_address(user=user)
    return user


def make_organiser(email, **columns):
    user = make_user(email, is_staff=True, **columns)
    user.groups.add(Group.objects.get(name="Organisers"))
    return user


def log_in_freshly(client, user):
    """As by a form: the session records that a password was typed just now, and a row from where."""
    client.force_login(user)
    session = client.session
    UserSession.objects.get_or_create(
        session_key=session.session_key, defaults={"user": user, "ip": "127.0.0.1"}
    )
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def confirm_owner(client):
    """As if the person had entered the emailed code that comes before a first second factor."""
    session = client.session
    session["enrolment_confirmed"] = time.time()
    session.save()
    return client


def make_credential(challenge=""):
    """The response of a security key when it is added; its private key is discarded."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    attested = AttestedCredentialData.create(bytes(16), b"a credential", public)
    data = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), 0x45, 0, attested)
    said = {"type": "webauthn.create", "challenge": challenge, "origin": ""}
    return {
        "id": websafe_encode(b"a credential"),
        "rawId": websafe_encode(b"a credential"),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(said).encode()),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
