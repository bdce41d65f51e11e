"""Opening what a city sealed to this lab. Kept apart from the lab's work: it needs no numeric library."""

import io
import zipfile
from pathlib import Path

from survey_api.kit import age
from survey_api.kit.problems import KeyMissing, Problem


def unpack(source: Path, private: str, folder: Path) -> list[str]:
    """The files inside, in a new folder; their names. Problem when the key or the file is another one."""
    try:
        plain = age.unseal(private, source.read_bytes())
    except KeyMissing as wrong:
        raise Problem(
            f"{source.name}: この鍵では開かないか、途中で書きかえられています。どの公開の鍵に封をしたかを、市に"
            "聞いてください。"
        ) from wrong
    folder.mkdir(parents=True, exist_ok=False)
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        archive.extractall(folder)
        return archive.namelist()
