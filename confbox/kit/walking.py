"""Pages of a list that is too long to be sorted: an index leads from one page to the next.

An index has people in some order, and some of them are not in the list. So a page reads on in the index until
it is full. It has no number, and how many pages there are is not known.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from confbox.kit.search import UMLAUTS, words_of
from confbox.kit.sorting import LAST

# How many entries of an index are read for one page: at most so many times so many.
BATCH, MOST_BATCHES = 1_000, 20
MOST_STRETCHES, MOST_IN_ANY_ORDER = 24, 3
PLACE = re.compile("(after|before)-([0-9]{1,2})-([0-9]{1,18})")


class Place(NamedTuple):
    """Where a page of a program ends: the number of the stretch, the last value there, and whose it is.

    It leads on also when that person is no longer in the list.
    """

    stretch: int
    value: str
    person: int


@dataclass(frozen=True)
class Stretch:
    """The part of one index in which a column begins with these letters; all of it without."""

    column: str
    letters: str = ""
    # Two rows never have the same value, so that they need no order among each other.
    is_unique: bool = False

    @property
    def condition(self) -> Q:
        end = {f"{self.column}__lt": self.letters + LAST} if self.letters else {}
        return Q(**{f"{self.column}__gte": self.letters}, **end)

    def batch(
        self, people: QuerySet[Any], at: tuple[int, str] | None, size: int, *, back: bool
    ) -> list[tuple[int, str]]:
        """The IDs and values of the next people after the one `at`, or before them."""
        found = people.filter(self.condition)
        if at:
            side, (pk, value) = ("lt" if back else "gt"), at
            beyond = Q(**{f"{self.column}__{side}": value})
            same = Q(**{self.column: value, f"pk__{side}": pk})
            found = found.filter(beyond if self.is_unique else beyond | same)
        order = [self.column] if self.is_unique else [self.column, "pk"]
        order = [f"-{column}" for column in order] if back else order
        return list(found.order_by(*order).values_list("pk", self.column)[:size])


def stretches_of(words: str, columns: Mapping[str, int], unique: str = "") -> list[Stretch]:
    """Where names begin with these words in any order, or from one of their last words on; all without words.

    Then where they begin with the longest of them, for the list's own search to look at the others.
    `columns` are those with an index, each with how many words of a name it begins with at most; one may be
    `unique`.
    """
    words = unicodedata.normalize("NFC", words)
    typed, hyphenated = words_of(words.replace("-", " ")), words_of(words)
    if not typed:
        first = next(iter(columns))
        return [Stretch(first, is_unique=first == unique)]
    orders = list(permutations(typed)) if len(typed) <= MOST_IN_ANY_ORDER else [tuple(typed)]
    found = [
        Stretch(column, letters, is_unique=column == unique)
        for order in [*orders, (max(typed, key=len),), (max(hyphenated, key=len),)]
        for letters in _spellings(" ".join(order))
        for column, most in columns.items()
        if len(order) <= most
    ]
    return list(dict.fromkeys(found))[:MOST_STRETCHES]


def _spellings(text: str) -> list[str]:
    """As typed, and with ue for ü and the other way round; the index itself ignores case and accents."""
    lower = text.lower()
    apart = together = lower
    for letter, two in UMLAUTS.items():
        apart, together = apart.replace(letter, two), together.replace(two, letter)
    return list(dict.fromkeys([lower, apart, together]))


@dataclass
class WalkedPage:
    """As a `Page`, with places in place of numbers. There is no paginator, because nothing is counted."""

    # Each row with the place at which it was found.
    rows: Sequence[tuple[Place, Any]]
    number: str = ""
    is_after_others: bool = False
    is_before_others: bool = False
    # Whether so many were looked at that some were left out, and where they are, if that may be a place.
    is_cut: bool = False
    rest: Place | None = None
    paginator: None = field(default=None, init=False)

    @property
    def object_list(self) -> list[Any]:
        return [row for _place, row in self.rows]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.object_list)

    def __len__(self) -> int:
        return len(self.rows)

    def has_previous(self) -> bool:
        return self.is_after_others

    def has_next(self) -> bool:
        return self.is_before_others or bool(self.rest)

    def has_other_pages(self) -> bool:
        return self.has_previous() or self.has_next()

    def previous_page_number(self) -> str:
        return f"before-{self.rows[0][0].stretch}-{self.rows[0][1].pk}"

    def next_page_number(self) -> str:
        if self.rest:
            return f"after-{self.rest.stretch}-{self.rest.person}"
        return f"after-{self.rows[-1][0].stretch}-{self.rows[-1][1].pk}"


@dataclass(frozen=True)
class Walk:
    """A list by several stretches, in which each row is once. `people` has the columns of the indexes.

    `rows_of` finds the rows of these people, by their IDs and the column by which they were found.
    `person_of` finds whose row this is, if it is in the list: no place in a URL of a page leads to one who is
    not, for the rows around it would tell their name. Where everyone in the index may be a place, the list
    `goes_on` after those that were read for a page.
    """

    people: QuerySet[Any]
    stretches: Sequence[Stretch]
    rows_of: Callable[[list[int], str], dict[int, Any]]
    person_of: Callable[[int], Any]
    goes_on: bool = False

    def page(self, asked: str, per_page: int) -> WalkedPage:
        """The page at `asked`, which is such a place; the first one if it leads nowhere."""
        found = PLACE.fullmatch(asked)
        person = self.person_of(int(found[3])) if found else None
        if not found or person is None or int(found[2]) >= len(self.stretches):
            return self._page(None, per_page)
        number, back = int(found[2]), found[1] == "before"
        value = getattr(person, self.stretches[number].column)
        page = self._page(Place(number, value, person.pk), per_page, back=back)
        if not back:
            page.number, page.is_after_others = asked, bool(page.rows)
            return page
        if not page.is_before_others:
            # It is the first one, which may have more rows than those before that place.
            return self._page(None, per_page)
        page.rows, page.number, page.is_after_others = page.rows[::-1], asked, True
        return page

    def after(self, place: Place | None, per_page: int) -> tuple[list[Any], Place | None]:
        """The rows after a place, and the place of the last one if there are more.

        A program that was shown a row has its place, and learns no more from it, also once the row is gone.
        """
        page = self._page(place, per_page)
        last = page.rows[-1][0] if page.is_before_others else page.rest
        return page.object_list, last

    def _page(self, start: Place | None, per_page: int, *, back: bool = False) -> WalkedPage:
        rows: list[tuple[Place, Any]] = []
        cut = None
        for found, end in self._batches(start, 2 * (per_page + 1), back=back):
            rows, cut = rows + found, end
            if len(rows) > per_page:
                return WalkedPage(rows[:per_page], is_before_others=True)
        return WalkedPage(rows, is_cut=bool(cut), rest=cut if self.goes_on and not back else None)

    def _batches(
        self, start: Place | None, size: int, *, back: bool
    ) -> Iterator[tuple[list[tuple[Place, Any]], Place | None]]:
        """What each batch finds, and the place of its end if no more may be read although there is more."""
        read, first = 0, start.stretch if start else 0
        at = (start.person, start.value) if start else None
        for number in range(first, -1, -1) if back else range(first, len(self.stretches)):
            stretch, new = self.stretches[number], self._new_in(number)
            while read < MOST_BATCHES:
                batch = stretch.batch(new, at, size, back=back)
                is_full = len(batch) == size
                read += is_full
                rows = self.rows_of([pk for pk, _value in batch], stretch.column) if batch else {}
                found = [(Place(number, value, pk), rows[pk]) for pk, value in batch if pk in rows]
                yield found, Place(number, *batch[-1][::-1]) if batch and read == MOST_BATCHES else None
                if not is_full:
                    break
                size, at = BATCH, batch[-1]
            at = None

    def _new_in(self, number: int) -> QuerySet[Any]:
        """Those who are in none of the stretches before."""
        people = self.people
        for stretch in self.stretches[:number]:
            people = people.exclude(stretch.condition)
        return people
