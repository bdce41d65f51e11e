"""The rounding is close, adds up, favours nobody, and gives nothing away by being equal."""

from hypothesis import given
from hypothesis import strategies as st

from survey_api.services.insights.limits import BASE, SLACK
from survey_api.services.insights.rounding import BlockCount, at_top, round_unit

counts = st.integers(10, 80).flatmap(
    lambda n: st.builds(BlockCount, yes=st.integers(0, n), answered=st.just(n))
)
units = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), counts, min_size=1, max_size=9)


def drawn(unit: dict[str, BlockCount], key: bytes, wave: str = "w") -> dict[str, int]:
    return round_unit(unit, key=key, wave=wave, question="q", unit="u")


@given(units, st.binary(min_size=32, max_size=32))
def test_every_block_is_within_two_and_never_beyond_its_size(unit: dict[str, BlockCount], key: bytes) -> None:
    for block, shown in drawn(unit, key).items():
        assert shown % BASE == 0
        assert abs(shown - unit[block].yes) <= SLACK
        assert 0 <= shown <= unit[block].answered


@given(units, st.binary(min_size=32, max_size=32))
def test_the_sum_of_a_school_is_within_two(unit: dict[str, BlockCount], key: bytes) -> None:
    gap = sum(count.yes for count in unit.values()) - sum(drawn(unit, key).values())
    full = sum(at_top(count) for count in unit.values())
    assert -SLACK <= gap <= SLACK * (1 + full)
    if not full:
        assert abs(gap) <= SLACK


def test_nobody_is_favoured_over_many_keys() -> None:
    unit = {name: BlockCount(yes, 40) for name, yes in zip("abcdefg", [0, 1, 2, 7, 11, 20, 31], strict=True)}
    keys = [number.to_bytes(32, "big") for number in range(3000)]
    results = [drawn(unit, key) for key in keys]
    for block, count in unit.items():
        bias = sum(result[block] for result in results) / len(keys) - count.yes
        assert abs(bias) < 0.1, block


def test_the_same_release_is_the_same_for_ever_and_another_wave_is_another_draw() -> None:
    unit = {str(number): BlockCount(1 + 3 * (number % 5), 30) for number in range(60)}
    first = drawn(unit, b"k" * 32)
    assert first == drawn(dict(reversed(unit.items())), b"k" * 32)
    second = drawn(unit, b"k" * 32, wave="w2")
    assert sum(first[block] != second[block] for block in unit) >= 12


def test_the_draw_leaves_both_neighbours_of_every_number_possible() -> None:
    """What makes pinning impossible: z itself and z + 1 (z − 1 at the top) both lead to z."""
    keys = [number.to_bytes(32, "big") for number in range(60)]
    for n in range(10, 16):
        for shown in range(0, n + 1, BASE):
            other = shown + 1 if shown < n else shown - 1
            assert all(drawn({"b": BlockCount(shown, n)}, key) == {"b": shown} for key in keys)
            assert any(drawn({"b": BlockCount(other, n)}, key) == {"b": shown} for key in keys)
