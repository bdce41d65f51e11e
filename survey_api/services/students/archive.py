"""Opens an uploaded roster zip in memory and hands out its members as bytes; it never writes to disk.

The upload is not trusted: size, number of members, names, compression method and the ratio of unpacked to
packed bytes are all checked before a single member is unpacked.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import PurePosixPath

from survey_api.services.students.roster import ProblemList

MAX_ZIP_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_MEMBERS = 50
MAX_RATIO = 100
"""Quoted CSV packs about 10 to 40 times; a member that packs better than this is a bomb, not a roster."""
RATIO_COUNTS_FROM = 1024 * 1024
"""Below this unpacked size a high ratio is harmless (a file of empty fields)."""

ZIP_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    OSError,
    ValueError,
    RuntimeError,
    EOFError,
    OverflowError,
    IndexError,
    struct.error,
    zlib.error,
)
"""Everything the zip reader of the standard library is known to raise on damaged bytes."""

WHOLE = "ZIPファイル"


def open_archive(data: bytes, problems: ProblemList) -> dict[str, bytes]:
    """Member name (lower-case, without folder) → bytes; empty when the file cannot be trusted or read."""
    if len(data) > MAX_ZIP_BYTES:
        problems.error(
            WHOLE,
            None,
            "",
            "ファイルが20MBを超えています。1校分ずつ、または1年度分だけにして書き出してください。",
        )
        return {}
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except ZIP_ERRORS:
        problems.error(
            WHOLE,
            None,
            "",
            "ZIPファイルとして開けません。名簿システムから書き出したZIPを、解凍せずにそのまま選んでください。",
        )
        return {}
    with archive:
        members = _trusted_members(archive, problems)
        unpacked = {name: _unpack(archive, info, problems) for name, info in members.items()}
    return {name: content for name, content in unpacked.items() if content is not None}


def _trusted_members(archive: zipfile.ZipFile, problems: ProblemList) -> dict[str, zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if not _is_decoration(info.filename)]
    if len(infos) > MAX_MEMBERS:
        problems.error(
            WHOLE,
            None,
            "",
            f"ZIPの中にファイルが{len(infos)}個あります(上限は{MAX_MEMBERS}個)。"
            "名簿のCSVだけを入れて作り直してください。",
        )
        return {}
    if sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
        problems.error(
            WHOLE,
            None,
            "",
            "解凍すると200MBを超えます。1校分ずつ、または1年度分だけにして書き出してください。",
        )
        return {}
    members: dict[str, zipfile.ZipInfo] = {}
    refused = False
    for info in infos:
        complaint = _complaint(info)
        name = PurePosixPath(info.filename).name.lower()
        if complaint is None and name in members:
            complaint = "同じ名前のファイルが2つあります。片方を消して、ZIPを作り直してください。"
        if complaint is None:
            members[name] = info
            continue
        refused = True
        problems.error(_shown(info.filename), None, "", complaint)
    return {} if refused else members


def _complaint(info: zipfile.ZipInfo) -> str | None:
    """Why this member is not opened, in words, or None when it is fine."""
    name = info.filename
    if name.startswith("/") or "\\" in name or ":" in name or ".." in PurePosixPath(name).parts:
        return "ファイル名に使えない場所の指定が含まれています。名簿システムから書き出し直してください。"
    if info.flag_bits & 0x1:
        return "パスワードがかかっています。パスワードなしのZIPにして、もう一度選んでください。"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "この圧縮方法のZIPは開けません。ふつうの圧縮(Deflate)で作り直してください。"
    if info.file_size > RATIO_COUNTS_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        return "圧縮率が高すぎて、名簿として開けません。名簿システムから書き出し直してください。"
    return None


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, problems: ProblemList) -> bytes | None:
    try:
        with archive.open(info) as member:
            # The declared size was checked; reading one byte further catches a member that lied about it.
            content = member.read(info.file_size + 1)
    except ZIP_ERRORS:
        content = None
    if content is None or len(content) > info.file_size:
        problems.error(
            _shown(info.filename),
            None,
            "",
            "ZIPの中のこのファイルが壊れています。名簿システムからもう一度書き出してください。",
        )
        return None
    return content


def _is_decoration(name: str) -> bool:
    """Folders, and what Macs and Windows add on their own."""
    path = PurePosixPath(name)
    return (
        name.endswith("/")
        or name.startswith("__MACOSX/")
        or path.name in {".DS_Store", "Thumbs.db", "desktop.ini"}
    )


def _shown(name: str) -> str:
    """A member name that is safe to show: printable and short."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:80]
