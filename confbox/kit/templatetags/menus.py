from typing import Any
from urllib.parse import quote

from django import template
from django.utils.safestring import SafeString

from confbox.kit import menus
from confbox.kit.fragments import filled_fragment
from confbox.kit.templatetags.avatars import avatar

register = template.Library()


@register.simple_tag(takes_context=True)
def site_header(context: template.Context) -> SafeString:
    user = context.get("user")
    header = menus.header_of(user, _here(context))
    own = _own(user, context) if header.state == "person" else _way_back(context)
    return filled_fragment("components/_header.html", header, **own)


def _own(user: Any, context: template.Context) -> dict[str, Any]:
    shown = {"face": avatar(user, "small"), "name": user.name, "email": user.email}
    return shown | {"csrf_token": context.get("csrf_token")}


def _way_back(context: template.Context) -> dict[str, Any]:
    back = menus.way_back(context.get("request"))
    return {"next": f"?next={quote(back)}" if back else ""}


@register.simple_tag(takes_context=True)
def account_pages(context: template.Context) -> list[tuple[menus.AccountPage, bool]]:
    return menus.account_pages(_here(context))


def _here(context: template.Context) -> str:
    """The name of the page's URL; empty where there is none."""
    match = getattr(context.get("request"), "resolver_match", None)
    return (match and match.url_name) or ""
