"""全国地方公共団体コード: real ones fit, with another check digit they do not."""

import pytest

from survey_api.kit.area_code import is_area_code


@pytest.mark.parametrize("code", ["052078", "011002", "130001", "141003", "271004", "472018"])
def test_a_code_fits_with_its_own_check_digit_only(code: str) -> None:
    assert [code[:5] + digit for digit in "0123456789" if is_area_code(code[:5] + digit)] == [code]


@pytest.mark.parametrize(
    "text", ["", "52078", "05207", "0520780", "０５２０７８", "05207x", "482013", "002001"]
)
def test_what_is_no_code_is_none(text: str) -> None:
    assert not is_area_code(text)
