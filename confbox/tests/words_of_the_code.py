"""Words that the code uses, and those who chair a conference do not."""

import re

WORDS = re.compile(
    r"\b(tall(y|ies)|signals?|records?|recorded|electora(te|l)|slugs?|URL names?|rolls?|memberships)\b",
    re.IGNORECASE,
)
# A file to check the list of voters with; what an association calls the number of a person; the file of a
# person's own data, which has rows of each conference.
EXCEPTIONS = re.compile(r"roll\.csv|membership number|your memberships, votes")
# Replaced by what they name before anyone reads them.
PLACEHOLDERS = re.compile(r"\{\{.*?\}\}|%\(\w+\)[sd]")


def words_of_the_code(text):
    return sorted({found[0].lower() for found in WORDS.finditer(EXCEPTIONS.sub("", text))})
