"""norms.yaml as data → Norms: what is usual in how a bank is answered. Mistakes are sentences."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from scoring.key import ItemKey, Norms


def norms_of(data: Mapping[str, Any]) -> Norms:
    """Data that already fits norms.schema.json → norms. See norms_mistakes for what it refuses."""
    usual = data["distance"]
    return Norms(
        seconds_p05={str(item): float(value) for item, value in sorted(data["seconds_p05"].items())},
        items=tuple(usual["items"]),
        mean=tuple(usual["mean"]),
        precision=tuple(tuple(row) for row in usual["precision"]),
        distance=int(usual["p99"]),
        halves=int(data["halves"]["p99"]),
        spread=(int(data["spread"]["p01"]), int(data["spread"]["p99"])),
    )


def norms_mistakes(data: Mapping[str, Any], items: Mapping[str, ItemKey]) -> Iterator[str]:
    """Unknown items, rows of the wrong length, numbers that are not finite, limits that could never be met."""
    usual = data["distance"]
    count = len(usual["items"])
    for item in usual["items"]:
        if item not in items:
            yield f"norms.distance: 質問「{item}」の水準がこの質問集にありません"
    if len(set(usual["items"])) != count:
        yield "norms.distance: 同じ質問が2回あります"
    rows = usual["precision"]
    if len(usual["mean"]) != count or len(rows) != count or any(len(row) != count for row in rows):
        yield f"norms.distance: 質問{count}問には、平均が{count}個と、{count}個ずつの数が{count}行要ります"
    elif any(rows[i][j] != rows[j][i] for i in range(count) for j in range(i)):
        yield "norms.distance: 行と列が対称ではありません"
    elif any(rows[i][i] <= 0 for i in range(count)):
        yield "norms.distance: 対角の数が0以下です"
    for item, value in data["seconds_p05"].items():
        if not isfinite(float(value)) or value <= 0:
            yield f"norms.seconds_p05.{item}: 0より大きい秒数にしてください"
    if not 0 <= data["spread"]["p01"] < data["spread"]["p99"]:
        yield "norms.spread: p01 は p99 より小さくしてください"
