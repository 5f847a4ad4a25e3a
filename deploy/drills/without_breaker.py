"""The site as it would be if nothing noticed that the database hangs: the control of `frozen_database.py`."""

from confbox.mysql.breaker import breaker
from confbox.wsgi import application

breaker.is_web = False

__all__ = ["application"]
