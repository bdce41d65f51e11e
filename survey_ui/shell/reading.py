"""How one child reads: language, ruby, spaces, size, voice, hand. Independent switches, preset by grade, kept in a
cookie for the sitting only and never seen by staff. Kept is one thing: whether it was plain Japanese or another language,
sealed with the answers, for one protected number of the whole city."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fastapi import Request
from starlette.responses import Response

from survey_api.services.banks.phrases import break_places
from survey_api.web import cookies
from survey_ui.shell.child_words import ENDONYMS, JAPANESE, html_lang

WIDE = (JAPANESE, "ja-easy", "zh-Hans")
"""Written in wide letters, with wide marks between them."""
SIZES = 3
SITTING_SECONDS = 4 * 3600
OVER = ".over"
"""Behind the choice of a child whose go is over: its last pages are still read so, the next child's first one is not."""


@dataclass(frozen=True)
class Reading:
    """What a page needs to know to be readable for this child."""

    language: str = JAPANESE
    ruby: bool = True
    spaced: bool = False
    size: int = 0
    speak: bool = False
    left: bool = False
    both: bool = False
    """Another language, with the Japanese under each sentence."""
    own_spaces: bool = False
    """The words of this page are written with spaces already: a word without one is never cut."""
    places: Mapping[str, tuple[int, ...]] = field(default_factory=dict, compare=False)
    """Where the sentences of the published bank break."""

    @property
    def html_lang(self) -> str:
        return html_lang(self.language)

    @property
    def japanese(self) -> bool:
        return self.html_lang == JAPANESE

    @property
    def slash(self) -> str:
        """The stroke of 3／16: wide only beside wide letters."""
        return "／" if self.language in WIDE else "/"

    @property
    def between(self) -> str:
        """What stands between two sentences that the page joins."""
        return "" if self.language in WIDE and not (self.both or (self.japanese and self.spaced)) else " "

    @property
    def supported(self) -> bool:
        """Read in plain Japanese or another language than Japanese."""
        return self.language != JAPANESE

    @property
    def look(self) -> str:
        """Class names of the page."""
        names = [
            f"size-{self.size}",
            *(["no-ruby"] if not self.ruby else []),
            *(["left"] if self.left else []),
            *(["both"] if self.both else []),
        ]
        return " ".join(names)

    @property
    def value(self) -> str:
        """How it is written down: language.ruby.spaces.size.voice.hand.both"""
        flags = (self.ruby, self.spaced, self.size, self.speak, self.left, self.both)
        return ".".join([self.language, *(str(int(flag)) for flag in flags)])

    def breaks(self, sentence: str) -> tuple[int, ...]:
        """Where a line of this sentence may break."""
        if not self.japanese or self.own_spaces:
            return ()
        return self.places.get(sentence) or break_places(sentence)


def preset(band: str, language: str = JAPANESE) -> Reading:
    """What suits most children of a band: spaces between words for the youngest and for learners."""
    own_spaces = band == "L" or language == "ja-easy"
    return Reading(language=language, spaced=own_spaces, own_spaces=own_spaces)


def of_request(request: Request, band: str, offered: Sequence[str] = tuple(ENDONYMS)) -> Reading:
    """What this child chose at this sitting; the preset of the band where nothing was chosen."""
    parts = cookies.reading(request).removesuffix(OVER).split(".")
    language = parts[0] if parts[0] in offered else JAPANESE
    chosen = preset(band, language)
    if len(parts) == 7 and all(part.isdigit() for part in parts[1:]):
        ruby, spaced, size, speak, left, both = (int(part) for part in parts[1:])
        chosen = replace(
            chosen,
            ruby=bool(ruby),
            spaced=bool(spaced),
            size=min(size, SIZES - 1),
            speak=bool(speak),
            left=bool(left),
            both=bool(both) and html_lang(language) != JAPANESE,
        )
    return chosen


def of_newcomer(request: Request, band: str) -> Reading:
    """For a page before a ticket is shown: as it was chosen there, never as the child before read."""
    return preset(band) if is_over(request) else of_request(request, band)


def is_over(request: Request) -> bool:
    """The choice on this tablet is that of a child whose go is over."""
    return cookies.reading(request).endswith(OVER)


def end(request: Request, response: Response) -> None:
    """The go is over: what was chosen holds for its last pages alone."""
    chosen = cookies.reading(request)
    if chosen and not is_over(request):
        cookies.set_reading(request, response, chosen + OVER, SITTING_SECONDS)


def drop_what_is_over(request: Request, response: Response) -> None:
    """Before the next child begins, nothing is left of how the last one read."""
    if is_over(request):
        cookies.clear_reading(request, response)


def keep(request: Request, response: Response, reading: Reading) -> None:
    """Remember it on this tablet until the sitting ends."""
    cookies.set_reading(request, response, reading.value, SITTING_SECONDS)
