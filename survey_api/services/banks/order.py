"""The order of a bank: what comes first, where the hard block stands, how follow-ups are matched.

One function per rule; each yields what is wrong in Japanese. The rules come from survey practice with children:
a harmless opening, hard questions in the second half behind a notice, something good after them, the request
for help and the free words at the end, and the same number of screens for every child.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import TypeVar

from survey_api.services.banks.bank import SKIP, Bank, Item, Screen, Value

T = TypeVar("T")

BUDGET = {3: 12, 6: 20, 9: 28, 12: 28}
"""Highest grade → most questions. What the wish to talk opens (whom, when, how: one tap each, never scored) is
counted apart: how a child wants to be called must not cost a question about its life. So is the one check after the
hard block ("is this what you wanted to say?"), which asks nothing about a life."""
WISH_STEPS = 3
OPTIONS = {3: (2, 3), 6: (3, 4), 12: (4, 5)}  # highest grade → fewest and most answers of a single choice
MOST_TILES = {3: 6, 6: 8, 12: 9}
HARD_FROM, HARD_TO = 0.55, 0.80
HARMLESS = frozenset({"warmup", "neutral"})
REQUIRED = frozenset(
    {"meals", "sleep", "hygiene", "health", "night", "money", "safety", "violence", "care", "mood"}
    | {"belonging", "bullying", "confide", "wish", "text"}
)


def order_problems(bank: Bank) -> list[str]:
    """Everything wrong with how the screens of this bank stand."""
    checks = (
        _items_and_screens,
        _branches,
        _budget,
        _options,
        _opening,
        _hard_block,
        _closing,
        _equal_length,
    )
    return [problem for check in checks for problem in check(bank)]


def strangers(bank: Bank) -> list[str]:
    """Items that a screen names but the bank does not have: nothing further can be judged then."""
    return sorted(
        {item for screen in bank.screens for item in (screen.item, screen.other_item) if item}
        - set(bank.items)
    )


def _of_band(bank: Bank, table: Mapping[int, T]) -> T:
    return next(value for top, value in table.items() if max(bank.grades) <= top)


def _items_and_screens(bank: Bank) -> Iterator[str]:
    placed = [item for screen in bank.screens for item in (screen.item, screen.other_item) if item]
    for item in sorted(set(bank.items) - set(placed)):
        yield f"items.{item}: どの画面にも出ていません。screens に入れるか、消してください"
    for item in strangers(bank):
        yield f"screens: 「{item}」という質問が items にありません"
    for item in sorted({item for item in placed if placed.count(item) > 1}):
        yield f"screens: 「{item}」が2つの画面に出ています"
    notices = {screen.notice for screen in bank.screens if screen.notice}
    for name in sorted(notices & set(bank.items)):
        yield f"screens: 「{name}」が質問とお知らせの両方の名前になっています"
    missing = REQUIRED - {name for item in bank.items.values() for name in (item.construct, *item.also)}
    for construct in sorted(missing):
        yield f"items: 「{construct}」についてたずねる質問がありません"


def _branches(bank: Bank) -> Iterator[str]:
    earlier: set[str] = set()
    for screen in bank.screens:
        if screen.when is not None:
            yield from _branch(bank, screen, earlier)
        elif screen.item:
            earlier.add(screen.item)
        if screen.notice and screen.may_skip:
            earlier.add(screen.notice)


def _branch(bank: Bank, screen: Screen, earlier: set[str]) -> Iterator[str]:
    branch, where = screen.when, f"screens.{screen.item}"
    if branch is None:
        return
    if branch.on not in earlier:
        yield f"{where}: 「{branch.on}」は、これより前の、全員に出る画面ではありません"
    elif branch.on in bank.items:
        for code in sorted(branch.codes - set(bank.items[branch.on].options)):
            yield f"{where}: 「{branch.on}」に「{code}」という答えはありません"
    if branch.form != "unless_skipped" and screen.other_item is None:
        yield f"{where}: 答えで分かれる画面には、代わりの質問(otherwise)がいります"
    main, other = bank.items.get(screen.item or ""), bank.items.get(screen.other_item or "")
    if main and other:
        yield from _matched(where, main, other)


def _matched(where: str, main: Item, other: Item) -> Iterator[str]:
    if other.construct != "neutral":
        yield f"{where}: 代わりの質問「{other.id}」は neutral にしてください"
    if main.kind != other.kind or abs(len(main.options) - len(other.options)) > 2:
        yield f"{where}: 代わりの質問「{other.id}」の形がちがいます(種類が同じで、選択肢の数の差は2まで)"


def _budget(bank: Bank) -> Iterator[str]:
    most, steps = _of_band(bank, BUDGET), _wish_steps(bank)
    asked = bank.question_count() - steps - _checks(bank)
    if asked > most:
        yield f"screens: 質問が{asked}問あります(この学年は{most}問まで)"
    if steps > WISH_STEPS:
        yield f"screens: 「話したいか」に続く質問が{steps}問あります({WISH_STEPS}問まで)"


def _wish_steps(bank: Bank) -> int:
    """How many screens only ask a child who wants to talk whom, when and how."""
    subjects = (bank.items.get(screen.when.on) for screen in bank.screens if screen.when is not None)
    return sum(item is not None and item.construct == "wish" for item in subjects)


def _checks(bank: Bank) -> int:
    """1 when a neutral question that everybody gets follows the last hard one directly, else 0."""
    asked = _questions(bank)
    hard = [place for place, item in enumerate(asked) if item.sensitivity == "acute"]
    after = asked[hard[-1] + 1 : hard[-1] + 2] if hard else []
    return sum(item.construct == "neutral" for item in after)


def _options(bank: Bank) -> Iterator[str]:
    (fewest, most), tiles = _of_band(bank, OPTIONS), _of_band(bank, MOST_TILES)
    for item in bank.items.values():
        count = len(item.options)
        if item.kind == "single" and not fewest <= count <= most:
            yield f"items.{item.id}: 選択肢が{count}個です(この学年は{fewest}〜{most}個)"
        if item.kind == "multi" and not 2 <= count <= tiles:
            yield f"items.{item.id}: 選択肢が{count}個です(この学年の複数選択は2〜{tiles}個)"
        for code in sorted(item.exclusive - set(item.options)):
            yield f"items.{item.id}: exclusive の「{code}」が options にありません"


def _questions(bank: Bank) -> list[Item]:
    """The main question of each question screen, in order; unknown ids are reported elsewhere."""
    return [bank.items[screen.item] for screen in bank.screens if screen.item in bank.items and screen.item]


def _opening(bank: Bank) -> Iterator[str]:
    asked = _questions(bank)
    if not asked:
        yield "screens: 質問がありません"
        return
    first = asked[0]
    everyday_sleep = first.construct == "sleep" and first.sensitivity == "ordinary"
    if first.construct not in HARMLESS and not everyday_sleep:
        yield f"screens: 最初の質問「{first.id}」は、だれにも負担のない質問にしてください"


def _hard_block(bank: Bank) -> Iterator[str]:
    skippable: set[str] = set()
    total = len(bank.screens)  # every child sees them all: the way is measured in screens
    for place, screen in enumerate(bank.screens, start=1):
        if screen.notice and screen.may_skip:
            skippable.add(screen.notice)
        item = bank.items.get(screen.item or "")
        if item is None or item.sensitivity != "acute":
            continue
        if screen.when is None or screen.when.form != "unless_skipped" or screen.when.on not in skippable:
            yield f"screens.{item.id}: 前に「とばす」のあるお知らせを置き、when: {{notice: …, unless: skip}} を付けてください"
        if not HARD_FROM <= place / total <= HARD_TO:
            share = round(100 * place / total)
            yield f"screens.{item.id}: 全体の{share}%の位置です(つらい質問は55〜80%の間に置く)"


def _closing(bank: Bank) -> Iterator[str]:
    asked = _questions(bank)
    kinds = [item.construct for item in asked]
    if not kinds or kinds[-1] != "text":
        yield "screens: 最後の質問は自由記述にしてください"
    if "wish" not in kinds:
        return
    wish = kinds.index("wish")
    hard = [place for place, item in enumerate(asked) if item.sensitivity == "acute"]
    if hard and wish < hard[-1]:
        yield "screens: 「話したいか」の質問は、つらい質問の後に置いてください"
    between = asked[hard[-1] + 1 : wish] if hard else asked[:wish]
    if not any(item.positive for item in between):
        yield "screens: つらい質問と「話したいか」の間に、明るい質問(positive: true)を1つ置いてください"


def _equal_length(bank: Bank) -> Iterator[str]:
    """Walk every way through the branches: the number of screens and of questions on them must not differ."""
    subjects = {screen.when.on for screen in bank.screens if screen.when is not None}
    ways: list[list[tuple[str, Value | None]]] = [
        [(subject, None), *((subject, value) for value in _values(bank, subject))]
        for subject in sorted(subjects)
    ]
    lengths = set()
    for way in product(*ways):
        lengths.add(len(bank.path({subject: value for subject, value in way if value is not None})))
    if len(lengths) > 1:
        yield f"screens: 答えによって画面の数が変わります({sorted(lengths)})"


def _values(bank: Bank, subject: str) -> list[Value]:
    item = bank.items.get(subject)
    if item is None:
        return [SKIP]
    return [[code] if item.kind == "multi" else code for code in item.options]
