import threading

from django.db import connections


class InThread(threading.Thread):
    """Runs a call on a connection of its own and keeps its result or error."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self.call, self.result, self.error = call, None, None
        self.start()

    def run(self):
        try:
            self.result = self.call()
        except Exception as error:  # noqa: BLE001  # raised again in `join`
            self.error = error
        finally:
            connections.close_all()

    def finish(self):
        self.join(20)
        assert not self.is_alive(), "the thread hangs"
        return self
