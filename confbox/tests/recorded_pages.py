"""The test client keeps the contexts of pages alone, and not those of each widget.

Django has it copy the context of every template, and a field with all time zones has a template for each of
its 600 choices. Pages and what they include are rendered for a request, widgets and emails are not.
"""

import pytest
from django.template import RequestContext, Template
from django.test.signals import template_rendered


def render(template, context):
    if isinstance(context, RequestContext):
        template_rendered.send(sender=template, template=template, context=context)
    return template.nodelist.render(context)


@pytest.fixture(autouse=True, scope="session")
def _widgets_are_not_recorded(django_test_environment):
    """There is no public way to say what is recorded; Django itself replaces this method in tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield
