"""What a city login can fetch, all of it, and what it says in numbers: black box, no knowledge of the code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

from starlette.testclient import TestClient

DOORS = Path(__file__).with_name("doors.txt")


def doors_of_welfare() -> tuple[str, ...]:
    """Every address that a city login may fetch and that needs a login, from the table of all doors."""
    lines = [line.split() for line in DOORS.read_text().splitlines() if line.startswith("GET ")]
    return tuple(row[1] for row in lines if row[2] == "signin" and row[6] == "in" and "{" not in row[1])


START = (*doors_of_welfare(), "/method", "/plan")
PEOPLE = re.compile(r"(\d+)〜(\d+)人")
EXACT = re.compile(r"(?<![\d〜.])(\d+)人(?!以)")


@dataclass
class Page(HTMLParser):
    """One HTML page: links, table rows, select options, drawings."""

    path: str
    links: set[str] = field(default_factory=set)
    choices: set[str] = field(default_factory=set)
    rows: list[list[str]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    shapes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    chosen: str = ""
    spoken: list[str] = field(default_factory=list)
    """Values of attributes that carry words."""

    def __post_init__(self) -> None:
        super().__init__()
        self._text: list[str] = []
        self._select = ""
        self._option = False
        self._cell = False

    @property
    def text(self) -> str:
        return "".join(self._text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag in ("td", "th", "li", "p", "text"):
            self._text.append("\n")
        for (
            name,
            value,
        ) in said.items():  # what a screen reader says, what a tool tip shows, what a form holds
            if name in ("title", "alt", "value", "content", "placeholder", "label") or name.startswith(
                ("aria-", "data-")
            ):
                self.spoken.append(value)
        for name in ("href", "src"):
            if name in said:
                self.links.add(urljoin(self.path, said[name]))
        if tag == "select":
            self._select = said.get("name", "")
        elif tag == "option" and self._select:
            base = urlsplit(self.path).path
            self.choices.add(f"{base}?{self._select}={quote(said.get('value', ''))}")
            self._option = "selected" in said
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._cell = True
            if self.rows:
                self.rows[-1].append("")
        elif tag in ("line", "circle", "polyline", "polygon", "path", "rect"):
            self.shapes.append((tag, said))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._cell = False
        elif tag == "select":
            self._select = ""
        elif tag == "option":
            self._option = False

    def handle_data(self, data: str) -> None:
        self._text.append(data)
        if self._option:
            self.chosen += data.strip()
        if self._cell and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()


@dataclass
class Fetched:
    """One answer of the server, whatever its kind."""

    path: str
    kind: str
    body: bytes

    @cached_property
    def page(self) -> Page:
        page = Page(self.path)
        page.feed(self.body.decode())
        return page


def crawl(client: TestClient, *, choices: bool = True, limit: int = 2000) -> dict[str, Fetched]:
    """Follow every link and every choice from the first pages; static files and other faces are left out.

    Without `choices` the lists to choose from are not tried; every table is linked in another way as well.
    """
    waiting = list(START)
    seen: dict[str, Fetched] = {}
    while waiting:
        path = waiting.pop()
        if path in seen or not _inside(path):
            continue
        assert len(seen) < limit, "the crawl does not end"
        answer = client.get(path)
        if answer.status_code == 303:
            waiting.append(answer.headers["location"])
            continue
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        kind = answer.headers.get("content-type", "").partition(";")[0]
        seen[path] = Fetched(path, kind, answer.content)
        if kind == "text/html":
            waiting += [link.partition("#")[0] for link in seen[path].page.links]
            waiting += seen[path].page.choices if choices else []
    return seen


def _inside(path: str) -> bool:
    return path.startswith(("/welfare", *START))


@dataclass(frozen=True)
class Said:
    """A number of people found beside the name of a place."""

    wave: str
    indicator: str
    place: str
    low: int
    high: int


def numbers(fetched: Fetched, waves: list[str]) -> Iterator[Said]:
    """Every table cell with a number of people, with its wave, indicator and place as the page names them."""
    page = fetched.page
    parts = urlsplit(fetched.path)
    in_path = re.search(r"/indicators/([^/?]+)", parts.path)
    wave = next((name for name in waves if f"wave={name}" in parts.query), waves[-1])
    heads: list[str] = []
    for row in page.rows:
        if not row:
            continue
        if not any(ranges(cell) for cell in row):
            heads = row
            continue
        title = row[0]
        for column, cell in enumerate(row[1:], start=1):
            head = heads[column] if column < len(heads) else ""
            if "回答した人" in head or "名簿の子ども" in head:
                continue
            for low, high in ranges(cell):
                if in_path and title in waves:
                    yield Said(title, in_path[1], page.chosen, low, high)
                elif in_path:
                    yield Said(wave, in_path[1], title, low, high)
                else:
                    yield Said(wave, head, title, low, high)


def ranges(text: str) -> list[tuple[int, int]]:
    """Ranges of people, and exact numbers of people, which would be ranges of one value."""
    found = [(int(low), int(high)) for low, high in PEOPLE.findall(text)]
    return found + [(int(one), int(one)) for one in EXACT.findall(PEOPLE.sub("", text))]
