"""The picture of the results: for each benchmark, how many times as much the others cost, as bars on a logarithmic line."""

from collections.abc import Mapping
from html import escape
from math import log10
from typing import Any

WIDTH, LEFT, ROW, TOP = 860, 330, 22, 50
LEAST, MOST = 0.1, 1000.0


def draw(entries: Mapping[str, Mapping[str, Any]]) -> str:
    """An SVG. The thick line is ours (1 ×); a bar to its right costs more, to its left less."""
    rows = [
        (f"{name}  {other}", value / entry["ours"])
        for name, entry in entries.items() if entry["ours"] for other, value in entry["beside"].items() if value > 0
    ]
    height = TOP + ROW * max(1, len(rows)) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        '<text x="10" y="20" font-size="15">What the others take for the same work, ours = 1</text>',
    ]
    for value in (0.1, 1, 10, 100, 1000):
        x, weight = place(value), 2 if value == 1 else 0.5
        parts.append(f'<line x1="{x}" y1="{TOP - 12}" x2="{x}" y2="{height - 10}" stroke="#556" stroke-width="{weight}"/>')
        parts.append(f'<text x="{x}" y="{TOP - 16}" text-anchor="middle" fill="#556">{value:g} ×</text>')
    for number, (label, times) in enumerate(rows):
        y = TOP + number * ROW
        begin, end = sorted((place(1), place(times)))
        parts.append(f'<text x="{LEFT - 12}" y="{y + 13}" text-anchor="end">{escape(label)}</text>')
        colour = "#1b7f5c" if times >= 1 else "#b5532a"
        parts.append(f'<rect x="{begin}" y="{y + 3}" width="{max(1.0, round(end - begin, 1))}" height="13" fill="{colour}"/>')
        parts.append(f'<text x="{end + 5}" y="{y + 13}">{times:.2f}</text>')
    return "\n".join([*parts, "</svg>", ""])


def place(times: float) -> float:
    """Where a ratio stands on the line."""
    bounded = min(max(times, LEAST), MOST)
    share = (log10(bounded) - log10(LEAST)) / (log10(MOST) - log10(LEAST))
    return round(LEFT + share * (WIDTH - LEFT - 70), 1)
