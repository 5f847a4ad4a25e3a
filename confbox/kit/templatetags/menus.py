from django import template

from confbox.kit import menus
from confbox.kit.panels import Panel

register = template.Library()


@register.simple_tag(takes_context=True)
def header_panel(context: template.Context) -> Panel:
    back = menus.way_back(context.get("request"))
    return menus.header_panel(context.get("user"), _here(context), back=back)


@register.simple_tag(takes_context=True)
def account_pages(context: template.Context) -> list[tuple[menus.AccountPage, bool]]:
    return menus.account_pages(_here(context))


def _here(context: template.Context) -> str:
    """The name of the page's URL; empty where there is none."""
    match = getattr(context.get("request"), "resolver_match", None)
    return (match and match.url_name) or ""
