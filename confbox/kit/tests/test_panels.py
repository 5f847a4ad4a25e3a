import pytest
from django.template import TemplateDoesNotExist, engines

from confbox.kit.panels import Panel


def rendered(panel):
    source = "{% include panel.template with facts=panel.facts %}"
    return engines["django"].from_string(source).render({"panel": panel})


def test_panel_is_rendered_with_the_template_of_its_state():
    assert Panel("voting/elections/voting", "open").template == "voting/elections/voting/open.html"


def test_panel_without_a_template_is_an_error():
    with pytest.raises(TemplateDoesNotExist):
        rendered(Panel("conferences/voting_badge", "unknown"))


def test_template_reads_the_facts(rf):
    panel = Panel("voting/campaigns/preview_panel", "limited", {"sentence": "Too many previews."})
    assert "Too many previews." in rendered(panel)
