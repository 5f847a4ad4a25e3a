import os

from django.core.wsgi import get_wsgi_application

from confbox.health import healthz_first

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.settings")
# A page must not wait for a database that is frozen; commands such as `migrate` may.
os.environ.setdefault("DATABASE_TIMEOUT", "10")
application = healthz_first(get_wsgi_application())
