"""What people write: title, description and the words of every step, in Chinese, from independent parts, by seed.

Slots of the templates: {p} {q} {r} invented persons, {g} {g2} villager groups, {v} village, {t} township, {at} a spot,
{since} and {month} times, {n:3-9} a number, {one:a|b|c} a choice (a choice may hold another slot).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from random import Random

from gridloom.demo.names import full_name
from gridloom.demo.phrasebook import NAMELESS, ItemPhrases, items, shared

TITLE_LIMIT = 40
MONTHS = ("一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月")
LIKENESS = 0.5
FITS = 0.14
DULL = frozenset("的了在，。：、；一二三是有和到已元户个家0123456789")
ROUTINE = frozenset({"patrol", "visit", "screening"})
PLACES = frozenset({"hazard", "terrain", "outage", "emergency", "reporter"})
TRIED = frozenset({"dispute", "wages", "hazard", "terrain", "outage", "request"})
PROGRESS = {
    "dispute": "dispute", "wages": "dispute", "hazard": "hazard", "terrain": "hazard", "outage": "hazard",
    "request": "request",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """The words for where something happens; `town` where people live in streets, not in hamlets."""

    township: str
    village: str
    group: str
    other_group: str
    town: bool = False


@dataclass(frozen=True, slots=True)
class CaseText:
    """What a reporter wrote. `title` has at most 40 characters."""

    title: str
    description: str


class Voice:
    """Everything said about one case. Persons, places and numbers drawn once stay the same through its life."""

    def __init__(self, code: str, place: Place, channel: str, at: datetime, rng: Random) -> None:
        self.phrases: ItemPhrases = items()[code]
        self.channel = channel
        self.rng = rng
        self.slots = _Slots(rng, place, at)
        self.text: CaseText | None = None
        self.said: frozenset[str] | None = None

    def case(self) -> CaseText:
        """Title and description; the same on every call."""
        if self.text is None:
            what = self._fill(self.rng.choice(self.phrases.what))
            self.text = CaseText(self._title(what), self._description(what))
        return self.text

    def result(self) -> str:
        """What came of it: the ending that fits what was reported best."""
        best, likeness = self._fitting(self.phrases.done, 0.1)
        if likeness >= FITS or self.phrases.kind in NAMELESS:
            return best
        general = shared()["result"]
        return self.rng.choice(general.get(self.phrases.kind, general["other"]))

    def progress(self) -> str:
        """A note on the way."""
        general = shared()["progress"][PROGRESS.get(self.phrases.kind, "other")]
        own = [text for text in self.phrases.doing if text]
        if own and self.rng.random() < 0.75:
            return self._fitting(own, 0.3)[0]
        return self._fresh(self.rng.choice(general))

    def say(self, section: str, key: str) -> str:
        """Words of a step from the shared tables, such as `say("verify", "failed")`; may be empty where a note may."""
        return self._fresh(self.rng.choice(shared()[section][key]))

    def persons(self) -> tuple[str, str]:
        """The two invented persons that the texts speak of."""
        return self.slots["p"], self.slots["q"]

    def _fill(self, template: str) -> str:
        return template.format_map(self.slots)

    def _fresh(self, template: str) -> str:
        """Numbers of its own: what a step says need not repeat those of the report."""
        kept = dict(self.slots.drawn)
        self.slots.drawn.clear()
        text = self._fill(template)
        self.slots.drawn.clear()
        self.slots.drawn.update(kept)
        return text

    def _fitting(self, templates: Sequence[str], noise: float) -> tuple[str, float]:
        """Of several texts the one that speaks most of what was reported, and how much it does."""
        if self.said is None:
            self.said = _grams(self._bare(self.case().description))
        said = self.said
        filled = [self._fill(template) for template in templates]
        rated = [(text, _likeness(self._bare(text), said)) for text in filled]
        return max(rated, key=lambda pair: pair[1] + self.rng.uniform(0, noise))

    def _bare(self, text: str) -> str:
        """The text without persons and places, which are alike in all texts of a case."""
        for slot in ("p", "q", "r", "at", "g", "g2"):
            text = text.replace(self.slots[slot], "")
        return text

    def _title(self, what: str) -> str:
        said = _grams(what)
        titles = [self._fill(template) for template in self.phrases.title]
        best = max(titles, key=lambda title: _likeness(title, said) + self.rng.uniform(0, 0.05))
        if _likeness(best, said) >= LIKENESS or self.phrases.kind in ("violence", "clue"):
            return best[:TITLE_LIMIT]
        return self._summary(what)[:TITLE_LIMIT]

    def _summary(self, what: str) -> str:
        """The first clauses of what was said, as hurried people title things; with the place where it is missing."""
        clauses = what.split("，")
        short = clauses[0]
        for clause in clauses[1:]:
            if len(short) + len(clause) > 26:
                break
            short += "，" + clause
        group = self.slots["g"] if self.phrases.kind not in NAMELESS else self.slots["v"]
        return short if group in short or self.rng.random() < 0.4 else f"{group}：{short}"

    def _description(self, what: str) -> str:
        size = self.rng.random()
        if self.phrases.kind in NAMELESS or self.phrases.kind in ROUTINE:
            size = 0.3 + size * 0.7  # texts that name nobody need more words to differ
        parts = [self._opening(what), what + "。"]
        if size > 0.2:
            parts.append(self._more(what))
        if size > 0.45:
            parts += [self._since(), self._tried()]
        if size > 0.7:
            parts.append(self._more(what))
        if size > 0.55:
            parts.append(self._ask(what))
        return self._roughened("".join(dict.fromkeys(part for part in parts if part)))

    def _more(self, what: str) -> str:
        said = _grams(what)
        filled = [self._fill(template) for template in self.phrases.more]
        return max(filled, key=lambda text: _likeness(text, said) + self.rng.uniform(0, 0.6))

    def _ask(self, what: str) -> str:
        said = _grams(what)
        filled = [self._fill(template) for template in self.phrases.ask]
        return max(filled, key=lambda text: _likeness(text, said) + self.rng.uniform(0, 0.25))

    def _opening(self, what: str) -> str:
        kind, openings = self.phrases.kind, shared()["opening"]
        if kind in ROUTINE and self.channel == "GRID_PHONE":
            date = self.slots.date
            where = "" if self.slots["g"] in what else self.slots["g"]
            return self.rng.choice((f"{date}，{where}", f"{date}{where}：", f"{where}：" if where else ""))
        if kind in ("violence", "clue"):
            return ""
        key = self.channel if self.channel != "GRID_PHONE" else "place" if kind in PLACES else "people"
        choices = openings.get(key, ("",))
        if kind in NAMELESS:
            choices = tuple(text for text in choices if "{r}" not in text and "{at}" not in text) or ("",)
        opening = self._fill(self.rng.choice(choices))
        return opening or ("" if self._named(what) or kind in NAMELESS else f"{self.slots['g']}：")

    def _named(self, text: str) -> bool:
        return any(self.slots[slot] in text for slot in ("p", "q", "g", "at"))

    def _draw(self, templates: Sequence[str]) -> str:
        return self._fill(self.rng.choice(templates))

    def _since(self) -> str:
        if self.phrases.kind == "dispute" and self.rng.random() < 0.4:
            return f"这事从{self._draw(shared()['since']['longer'])}就开始了。"
        if self.phrases.kind in ("hazard", "terrain", "outage") and self.rng.random() < 0.35:
            return f"是{self.slots['since']}发现的。"
        return ""

    def _tried(self) -> str:
        kind = self.phrases.kind
        return self._draw(shared()["tried"][kind]) if kind in TRIED and self.rng.random() < 0.5 else ""

    def _roughened(self, text: str) -> str:
        """Some write in a hurry: a slip, a word of the place, no full stop at the end."""
        kind, roll = self.phrases.kind, self.rng.random()
        if roll < 0.09 and kind in TRIED:
            text += self.rng.choice(shared()["dialect"]["tail"])
        elif roll < 0.15:
            right, wrong = self.rng.choice(shared()["typos"]["pairs"]).split("=")
            text = text.replace(right, wrong, 1)
        elif roll < 0.3:
            text = text.rstrip("。")
        return text


class _Number:
    def __init__(self, rng: Random, drawn: dict[str, str]) -> None:
        self.rng, self.drawn = rng, drawn

    def __format__(self, spec: str) -> str:
        if spec not in self.drawn:
            low, high = spec.split("-")
            self.drawn[spec] = str(self.rng.randint(int(low), int(high)))
        return self.drawn[spec]


class _Choice(_Number):
    def __format__(self, spec: str) -> str:
        if spec not in self.drawn:
            self.drawn[spec] = self.rng.choice(spec.split("|"))
        return self.drawn[spec]


class _Slots(Mapping[str, str]):
    """Values of the slots. A range or choice drawn once is kept, so that the title says what the description says."""

    def __init__(self, rng: Random, place: Place, at: datetime) -> None:
        self.rng = rng
        self.drawn: dict[str, str] = {}
        family = rng.random() < 0.15
        first = full_name(rng)
        second = full_name(rng, family=first[0]) if family else full_name(rng)
        spots = shared()["spots"]["town" if place.town else "rural"]
        self.date = f"{at.month}月{at.day}日"
        self.texts: dict[str, object] = {
            "p": first, "q": second if second != first else full_name(rng), "v": place.village, "t": place.township,
            "g": place.group, "g2": place.other_group, "r": full_name(rng), "at": f"{place.group}{rng.choice(spots)}",
            "month": MONTHS[at.month - 1], "n": _Number(rng, self.drawn), "one": _Choice(rng, self.drawn),
        }  # fmt: skip
        self.texts["since"] = rng.choice(shared()["since"]["recent"])
        if rng.random() < 0.45:
            self.texts["at"] = rng.choice(spots)

    def __getitem__(self, name: str) -> str:
        return self.texts[name]  # type: ignore[return-value]  # numbers and choices are formatted, never used bare

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


def _grams(text: str) -> frozenset[str]:
    """Single telling characters and pairs of them: enough to see whether two short texts speak of one thing."""
    return frozenset(map("".join, pairwise(text))) | (frozenset(text) - DULL)


def _likeness(text: str, said: frozenset[str]) -> float:
    own = _grams(text)
    return len(own & said) / len(own) if own else 0.0
