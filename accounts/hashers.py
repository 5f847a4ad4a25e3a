from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with OWASP's second recommended setting: 19 MiB, two passes, one lane.

    Django's default of 100 MiB and eight lanes makes eight simultaneous log-ins cost 800 MB.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
