"""Tables that a person fills in row by row, with buttons that add and take away rows and need no script."""

from collections.abc import Sequence

from starlette.datastructures import FormData

from survey_ui.shell.forms import text_of


def rows_of(form: FormData, table: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of one table as typed, the empty ones too. Fields are called table.column.number."""
    numbers = sorted(
        {
            int(number)
            for prefix, _, rest in (key.partition(".") for key in form)
            for _, _, number in (rest.partition("."),)
            if prefix == table and number.isascii() and number.isdecimal() and len(number) < 4
        }
    )
    return [
        {column: text_of(form, f"{table}.{column}.{number}", 400).replace("\r\n", "\n") for column in columns}
        for number in numbers
    ]


def reshaped(form: FormData, table: str, rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The rows after the button that was pressed: `do` says add:table or drop:table:place."""
    verb, _, rest = text_of(form, "do", 60).partition(":")
    name, _, place = rest.partition(":")
    kept = list(rows)
    if name != table:
        return kept
    if verb == "add":
        kept.append({})
    elif verb == "drop" and place.isascii() and place.isdecimal() and int(place) < len(kept):
        kept.pop(int(place))
    return kept


def is_reshaping(form: FormData) -> bool:
    """Whether the button that was pressed only adds or takes away a row."""
    return text_of(form, "do", 60).partition(":")[0] in ("add", "drop")
