"""Requests to the API, as a program sends them."""

import json

from django.test import Client

from conferences.api_access.models import Scope
from conferences.tests.api_tokens import make_api_token

ALL_SCOPES = (Scope.READ, Scope.VOTE, Scope.CAMPAIGN)


class Program:
    """A program with a token of this person; without a person, one that has none."""

    def __init__(self, person=None, *scopes, **options):
        self.client = Client()
        self.headers = {}
        if person:
            self.text = make_api_token(person, *(scopes or ALL_SCOPES), **options)
            self.headers = {"Authorization": f"Bearer {self.text}"}

    def get(self, path, **headers):
        return self.client.get(f"/api/v1/{path}", headers=self.headers | headers)

    def post(self, path, body=None, **headers):
        return self.send("POST", path, "" if body is None else json.dumps(body), **headers)

    def send(self, method, path, text, content_type="application/json", **headers):
        return self.client.generic(
            method, f"/api/v1/{path}", text, content_type, headers=self.headers | headers
        )
