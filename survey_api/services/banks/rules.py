"""What may be published: a version that was published once never changes; a change needs a higher number.

The lock is a text of lines `bank version sha256`; lines starting with # are comments.
"""

from collections.abc import Mapping

Lock = Mapping[tuple[str, int], str]


def read_lock(text: str) -> dict[tuple[str, int], str]:
    """PUBLISHED.lock → (bank, version) → sha256. ValueError names the line that cannot be read."""
    entries: dict[tuple[str, int], str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split()
        if len(parts) != 3 or not parts[1].isdigit() or len(parts[2]) != 64:
            raise ValueError(f"{number}行目: 「質問集 版 sha256」の形ではありません")
        key = (parts[0], int(parts[1]))
        if key in entries:
            raise ValueError(f"{number}行目: {parts[0]} の版 {parts[1]} が2回あります")
        entries[key] = parts[2]
    return entries


def lock_line(bank: str, version: int, sha256: str) -> str:
    """The line that a person adds when a version is published."""
    return f"{bank} {version} {sha256}"


def why_not_publish(lock: Lock, bank: str, version: int, sha256: str) -> str | None:
    """The reason in words why this content may not stand under this version; None when it may."""
    if (bank, version) in lock:
        if lock[(bank, version)] == sha256:
            return None
        return (
            f"版 {version} は公開済みで、内容が変わっています。"
            f"bank.yaml と scoring.yaml の version を {version + 1} 以上に上げてください"
        )
    newest = max((published for name, published in lock if name == bank), default=0)
    if version < newest:
        return f"版 {version} は、公開済みの版 {newest} より小さい番号です"
    return None
