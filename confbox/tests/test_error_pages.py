"""The error pages."""

import re

import pytest
from django.template import loader
from django.test import Client

from confbox.kit.tests.page import parse
from confbox.settings import BASE_DIR


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_each_error_has_its_page_which_needs_no_context_and_no_database(name):
    assert "<h1>" in loader.get_template(f"{name}.html").render({})


def test_the_page_of_a_missing_page_leads_back(client, db):
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "/" in parse(response).part("main").links


def test_the_page_of_a_missing_page_asks_to_log_in_only_those_who_have_not(as_alice):
    assert parse(Client().get("/nowhere/")).mentions("log in and try again")
    page = parse(as_alice.get("/nowhere/")).part("main")
    assert not page.mentions("log in")
    assert page.mentions("join the conference first")


@pytest.mark.parametrize("name", ["500.html", "503.html", "limits/unread.html"])
def test_pages_without_a_menu_have_the_name_of_the_site_and_a_way_on(name, settings):
    settings.SITE_NAME = "Bread Votes"
    page = parse(loader.render_to_string(name, {"heading": "Wait"}))
    assert page.title.endswith(" · Bread Votes")
    assert page.texts("header .brand") == ["Bread Votes"]
    assert page.part("main").links == ["/"]


def test_a_form_without_its_token_is_asked_to_come_again(as_alice, alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice.user)
    response = strict.post("/conferences/open-conf/join/")
    assert response.status_code == 403
    assert "Please send the form again" in parse(response).text


@pytest.mark.parametrize("word", [" style=", " onclick=", "<script>", "hx-on"])
def test_no_template_of_the_site_has_inline_script_or_style(word):
    templates = [t for t in (BASE_DIR / "templates").rglob("*.html") if "mail" not in t.parts]
    assert [str(t) for t in templates if word in t.read_text()] == []


def test_attributes_of_htmx_are_valid_html():
    written = {
        t: re.findall(r"(?<!data-)\bhx-\w+=", t.read_text()) for t in (BASE_DIR / "templates").rglob("*.html")
    }
    assert [str(template) for template, found in written.items() if found] == []
