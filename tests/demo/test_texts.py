import re
from collections import Counter
from datetime import UTC, datetime

import pytest

from gridloom.demo.cast import work_items
from gridloom.demo.chance import chance
from gridloom.demo.phrasebook import NAMELESS, items, shared
from gridloom.demo.texts import TITLE_LIMIT, Place, Voice

AT = datetime(2026, 10, 20, 3, tzinfo=UTC)
PLACE = Place("红岩镇", "红岩", "上村小组", "大营小组")
CHANNELS = ("GRID_PHONE", "CENTRE_WINDOW", "HOTLINE_12345", "PUBLIC")
LATIN = re.compile(r"[{},;!?|]|(?<!\d):")


def voice(code: str, number: int, channel: str = "GRID_PHONE") -> Voice:
    return Voice(code, PLACE, channel, AT, chance("test", code, number, channel))


def test_each_of_the_hundred_items_has_its_own_words() -> None:
    assert set(items()) == set(work_items())
    assert len(items()) == 100
    for code, phrases in items().items():
        assert len(phrases.what) >= 2, code
        assert all(phrases.title), code
        assert all(phrases.done), code
    firsts = Counter(text for phrases in items().values() for text in phrases.what)
    assert firsts.most_common(1)[0][1] == 1, "no sentence serves two items"


@pytest.mark.parametrize("code", sorted(work_items()))
def test_texts_are_whole_and_in_chinese_marks(code: str) -> None:
    for number in range(30):
        speaker = voice(code, number, CHANNELS[number % 4])
        text = speaker.case()
        said = [text.title, text.description, speaker.result(), speaker.progress()]
        assert 2 <= len(text.title) <= TITLE_LIMIT
        assert len(text.description) >= 6
        assert all(said)
        assert not [part for part in said if LATIN.search(part)], said
        assert "。。" not in text.description
        assert speaker.case() is text


def test_protected_matters_name_nobody() -> None:
    for code, phrases in items().items():
        if phrases.kind not in NAMELESS:
            continue
        for number in range(20):
            speaker = voice(code, number)
            written = speaker.case().title + speaker.case().description + speaker.result() + speaker.progress()
            assert not [name for name in speaker.persons() if name in written], code


def test_words_of_every_step_can_be_said() -> None:
    speaker = voice("A-01", 1)
    spoken = {"accept", "reject", "escalate", "route", "whistle", "report_in", "return", "pause", "extend", "excuse"}
    spoken |= {"card", "verify", "callback", "close", "reopen", "handlers"}
    assert spoken <= set(shared())
    for section in spoken:
        for key, choices in shared()[section].items():
            for _ in choices:
                assert not LATIN.search(speaker.say(section, key))


def test_same_seed_same_words_and_numbers_agree() -> None:
    assert voice("B-04", 5).case() == voice("B-04", 5).case()
    assert voice("B-04", 5).case() != voice("B-04", 6).case()
    pairs = [voice("C-13", number).case() for number in range(60)]
    lamps = [(re.search(r"路灯坏(\d+)盏", one.title), re.search(r"(\d+)盏路灯", one.description)) for one in pairs]
    both = [(title.group(1), text.group(1)) for title, text in lamps if title and text]
    assert both
    assert all(title == text for title, text in both)


def test_lengths_vary() -> None:
    lengths = sorted(len(voice("A-03", number).case().description) for number in range(300))
    assert lengths[15] < 45
    assert lengths[-15] > 80
