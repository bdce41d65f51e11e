"""A released bundle reads back whole, is the same bytes every time, and refuses any change."""

import json

import pytest

from survey_api.services.insights.bundle import bundle_bytes, open_bundle
from survey_api.services.insights.disclosure import protect
from survey_api.services.insights.keys import release_key
from survey_api.services.insights.plan import canonical_json
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.safe import SafeCell
from tests.survey_api.services.insights.planted import INDICATORS, city, key


def bundle() -> bytes:
    planted = city(1)
    return bundle_bytes(
        planted.plan, protect(planted.plan, INDICATORS, planted.counts(), key=key()), key=key()
    )


def test_it_reads_back_whole_and_is_the_same_bytes_again() -> None:
    planted = city(1)
    release = open_bundle(bundle(), verifiers=[key().verifier])
    assert release.plan == planted.plan
    assert release.table == protect(planted.plan, INDICATORS, planted.counts(), key=key())
    assert bundle() == bundle()


def test_no_true_count_and_no_key_is_inside() -> None:
    table = json.loads(bundle())["body"]["table"]
    assert table["columns"] == [
        "place", "low", "high", "n_low", "n_high", "share_low", "share_high", "likely_low", "likely_high",
    ]  # fmt: skip
    assert {len(row) for rows in table["cells"].values() for row in rows} == {len(table["columns"])}
    assert key().noise.hex() not in bundle().decode()
    assert "noise" not in repr(key())


def test_what_an_earlier_version_released_stays_readable() -> None:
    planted = city(1)
    table = protect(planted.plan, INDICATORS, planted.counts(), key=key())
    named = [dict(zip(SafeCell._fields, cell, strict=True)) for cell in table.cells]
    body = json.loads(bundle())["body"]
    del body["table"]["columns"]
    signed = canonical_json(
        {**body, "format": "kizuki-release-3", "table": {**body["table"], "cells": named}}
    )
    old = canonical_json(
        {
            "body": json.loads(signed),
            "key": key().verifier.hex(),
            "signature": key().signer.sign(signed).hex(),
        }
    )
    assert open_bundle(old, verifiers=[key().verifier]).table == table


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"cells":{"all-no":[[0,0', b'"cells":{"all-no":[[0,1'),
        (b'"wave":"w1"', b'"wave":"w2"'),
        (b'{"body":', b'{ "body":'),
        (b'"signature":"', b'"signature":"00'),
    ],
)
def test_any_change_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(ReleaseRefused) as caught:
        open_bundle(bundle().replace(old, new, 1), verifiers=[key().verifier])
    assert caught.value.code == "release-tampered"


@pytest.mark.parametrize("rubbish", [b"", b"{}", b"[1]", b"\xff", bundle()[:-1], bundle() + b" "])
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(ReleaseRefused):
        open_bundle(rubbish, verifiers=[key().verifier])


def test_another_key_is_refused_with_a_sentence() -> None:
    with pytest.raises(ReleaseRefused, match="ちがう鍵") as caught:
        open_bundle(bundle(), verifiers=[key(2).verifier])
    assert caught.value.code == "release-key-changed"


@pytest.mark.parametrize(
    ("noise", "signing", "code"),
    [
        (None, b"", "release-key-missing"),
        (b"x" * 32, bytes(range(32)), "release-key-weak"),
        (bytes(range(31)), bytes(range(32)), "release-key-weak"),
        (bytes(range(32)), bytes(range(32)), "release-key-weak"),
    ],
)
def test_a_missing_or_careless_key_is_refused(noise: bytes | None, signing: bytes, code: str) -> None:
    with pytest.raises(ReleaseRefused) as caught:
        release_key(noise, signing)
    assert caught.value.code == code
