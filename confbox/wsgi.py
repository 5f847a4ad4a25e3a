import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from confbox.health import healthz_first
from confbox.kit.counters import begin_to_count_here, count
from confbox.warm_up import load_pages
from confbox.watching.servers import kind_of_server, threads_of_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.settings")
# A page must not wait for a database that is frozen; commands such as `migrate` may.
os.environ.setdefault("DATABASE_TIMEOUT", "10")
application = healthz_first(get_wsgi_application())
# A developer restarts it after each change and looks at one page.
if not settings.DEBUG:
    load_pages()
begin_to_count_here(kind_of_server())
count("threads", kind_of_server(), amount=threads_of_server())
