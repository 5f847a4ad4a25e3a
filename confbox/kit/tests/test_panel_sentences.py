from django.template import engines

from confbox.kit import panel_sentences

TEMPLATE = """<h2>Close?</h2><p>If you  close
it <b>now</b>:</p><ul><li>It ends &amp; stays so.</li><li></li></ul><form><p>Reason</p></form>
<p>{{ facts.last }}</p>"""


def test_sentences_are_paragraphs_and_items_outside_of_forms(monkeypatch):
    template = engines["django"].from_string(TEMPLATE)
    monkeypatch.setattr(panel_sentences, "render_to_string", lambda _name, context: template.render(context))
    found = panel_sentences.sentences_in("any.html", facts={"last": "The <end>."})
    assert found == ["If you close it now:", "It ends & stays so.", "The <end>."]
