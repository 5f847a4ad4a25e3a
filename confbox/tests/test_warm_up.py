from django.conf import settings
from django.template import engines

from confbox.warm_up import load_pages


def test_templates_of_the_site_are_loaded_before_the_first_request():
    [cached] = engines["django"].engine.template_loaders
    cached.reset()
    load_pages()
    loaded = {template.origin.name for template in cached.get_template_cache.values()}
    pages = {str(file) for file in (settings.BASE_DIR / "templates/voting").rglob("*.html")}
    assert pages
    assert pages <= loaded
