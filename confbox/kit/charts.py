"""Geometry of charts that templates draw as SVG on the server; each chart has a table next to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH, CURVE_HEIGHT, FRAME = 720, 180, 8
ROW = 44
LONGEST_LABEL = 40


@dataclass(frozen=True)
class Bar:
    """The length is relative to the longest bar, in percent, so that the chart fits every width."""

    label: str
    value: int
    y: int
    share: float
    is_marked: bool

    @property
    def baseline(self) -> int:
        return self.y + 16

    @property
    def top(self) -> int:
        return self.y + 24


@dataclass(frozen=True)
class BarChart:
    bars: list[Bar]

    @property
    def height(self) -> int:
        return len(self.bars) * ROW


def bar_chart(rows: Sequence[tuple[str, int, bool]]) -> BarChart:
    """Returns one bar per row of label, value and whether it is marked, in the order of the rows."""
    most = max((value for _, value, _ in rows), default=0) or 1
    return BarChart(
        [
            Bar(_shortened(label), value, place * ROW, round(100 * value / most, 1), is_marked)
            for place, (label, value, is_marked) in enumerate(rows)
        ]
    )


def _shortened(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"


@dataclass(frozen=True)
class Curve:
    """A growing count over time: a polyline, and the same with a base line for a filled area."""

    line: str
    area: str
    total: int
    width: int = WIDTH
    height: int = CURVE_HEIGHT


def curve(steps: Sequence[tuple[datetime, int]], starts: datetime, ends: datetime) -> Curve:
    """Returns the running total of what was added at each step, from start to end."""
    span = max((ends - starts).total_seconds(), 1)
    total = sum(added for _, added in steps)
    ground, points, so_far = CURVE_HEIGHT - FRAME, [(0.0, 0)], 0
    for when, added in steps:
        share = min(max((when - starts).total_seconds() / span, 0), 1)
        so_far += added
        points += [(share, points[-1][1]), (share, so_far)]
    points.append((1.0, so_far))
    corners = [
        f"{FRAME + x * (WIDTH - 2 * FRAME):.1f},{ground - y * (ground - FRAME) / (total or 1):.1f}"
        for x, y in points
    ]
    line = " ".join(corners)
    return Curve(line, f"{FRAME},{ground} {line} {WIDTH - FRAME},{ground}", total)
