"""What programs read in the answers of the API, for tests."""


def kind(response):
    return response.json()["type"].removeprefix("/api-docs/problems/").rstrip("/")


def outcome(response):
    assert response.status_code == 200, response.content
    return response.json()["outcome"]


def fields(response):
    assert response.status_code == 422, response.content
    return [error["field"] for error in response.json()["errors"]]
