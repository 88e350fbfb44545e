"""Invented names and telephone numbers. Nobody real is meant; likeness comes only from how common the parts are."""

from random import Random

# Surnames by how often they are met in the county's area; weights are a guess, not a statistic of persons.
SURNAMES: dict[str, int] = dict(
    (pair[0], int(pair[1:]))
    for pair in [
        "李15",
        "张10",
        "杨9",
        "王8",
        "罗6",
        "字5",
        "周4",
        "自4",
        "赵4",
        "陈4",
        "鲁3",
        "茶3",
        "何3",
        "苏3",
        "刘3",
        "黄3",
        "师2",
        "彭2",
        "杞2",
        "段2",
        "毕2",
        "普2",
        "马2",
        "朱2",
        "徐2",
        "吴2",
        "董2",
        "谷1",
        "禹1",
        "鄂1",
        "矣1",
        "郭1",
        "尹1",
        "孔1",
        "施1",
        "沙1",
        "胡1",
        "许1",
        "盛1",
    ]
)
MEN_OLD = "正国光明学文开朝绍永兴有自家荣树应启世廷"
MEN_OLD_END = "才华昌德祥林发忠清贵良福云富全安春恩宝和"
WOMEN_OLD = "秀玉桂兰凤美翠菊珍银金淑彩素会"
WOMEN_OLD_END = "兰英芬珍仙莲菊香琼芝美凤花连秀"
MEN_YOUNG = "志建海晓俊文国永春红江宏学云正绍"
MEN_YOUNG_END = "强伟军勇波涛平斌辉鹏龙林华飞雄刚"
WOMEN_YOUNG = "丽晓艳红海春雪燕玉慧建志琼梅树"
WOMEN_YOUNG_END = "梅燕芳娟琼艳萍丽霞红花芬玲仙琴"
MEN_ONE = "勇军波强斌伟林涛鹏辉宏杰云飞龙"
WOMEN_ONE = "梅艳芳燕丽娟红萍霞玲敏琼琴婷雪"
LAST_SERIAL = 99_999


def surname(rng: Random) -> str:
    return rng.choices(list(SURNAMES), weights=list(SURNAMES.values()))[0]


def full_name(rng: Random, *, woman: bool | None = None, old: bool | None = None, family: str | None = None) -> str:
    """A name of two or three characters; sex and generation are drawn where they are not given."""
    is_woman = rng.random() < 0.42 if woman is None else woman
    is_old = rng.random() < 0.35 if old is None else old
    family = family or surname(rng)
    if not is_old and rng.random() < 0.22:
        return family + rng.choice(WOMEN_ONE if is_woman else MEN_ONE)
    if is_woman:
        first, last = (WOMEN_OLD, WOMEN_OLD_END) if is_old else (WOMEN_YOUNG, WOMEN_YOUNG_END)
    else:
        first, last = (MEN_OLD, MEN_OLD_END) if is_old else (MEN_YOUNG, MEN_YOUNG_END)
    middle = rng.choice(first)
    return family + middle + rng.choice(last.replace(middle, ""))


def phone(serial: int) -> str:
    """Number `serial` of the demo's own block: `199000` and five digits, so that every one is seen to be invented."""
    if not 0 <= serial <= LAST_SERIAL:
        raise ValueError(f"the demo's block holds serials 0 to {LAST_SERIAL}, not {serial}")
    return f"199000{serial:05d}"


def is_demo_phone(number: str) -> bool:
    """True for numbers that `phone` makes: anything else in a demo county is a mistake."""
    return len(number) == 11 and number.startswith("199000") and number.isdigit()
