"""Whatever bytes arrive, reading answers with values and words and never with an exception."""

import io
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from survey_api.services.students.oneroster import read_roster
from survey_api.services.students.roster import Reading
from tests.survey_api.services.students.zips import members, packed, small_zip

NAMES = sorted(members())
CELLS = st.text(max_size=12) | st.sampled_from(
    ["P1", "J9", "NULL", "student", "tobedeleted", '"', "\x00", "\r", "é"]
)


def settles(data: bytes) -> None:
    """Reading gives a roster or says what is wrong; a roster with pupils has a school for each of them."""
    reading = read_roster(data)
    assert isinstance(reading, Reading)
    assert reading.problems or reading.roster.pupils
    codes = {school.code for school in reading.roster.schools}
    assert all(pupil.school_code in codes and 1 <= pupil.grade <= 12 for pupil in reading.roster.pupils)
    assert len({pupil.person_key for pupil in reading.roster.pupils}) == len(reading.roster.pupils)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes(data):
    settles(data)
    settles(b"PK\x03\x04" + data)
    settles(small_zip()[:200] + data)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(small_zip()) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_zip_with_flipped_bytes(flips):
    damaged = bytearray(small_zip())
    for place, value in flips:
        damaged[place] = value
    settles(bytes(damaged))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(small_zip())), st.binary(max_size=30))
def test_a_zip_cut_short_or_run_on(length, tail):
    settles(small_zip()[:length] + tail)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(NAMES), st.binary(max_size=300))
def test_a_member_of_arbitrary_bytes(name, content):
    settles(packed({**members(), name: content}))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_cells_replaced_at_random(data):
    files = members()
    name = data.draw(st.sampled_from(NAMES))
    lines = files[name].decode().split("\r\n")
    for _ in range(data.draw(st.integers(1, 6))):
        line = data.draw(st.integers(0, len(lines) - 1))
        cells = lines[line].split(",")
        cells[data.draw(st.integers(0, len(cells) - 1))] = f'"{data.draw(CELLS)}"'
        lines[line] = ",".join(cells)
    files[name] = "\r\n".join(lines).encode("utf-8", "surrogatepass")
    settles(packed(files))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30), st.binary(max_size=50))
def test_a_member_of_any_name(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for known, kept in members().items():
            archive.writestr(known, kept)
        if name and name.isprintable():
            archive.writestr(name, content)
    settles(out.getvalue())
