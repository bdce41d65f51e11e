"""YAML as JSON would hold it: strings stay strings, keys stand once, nothing but plain data."""

import json
from pathlib import Path
from typing import Any

import yaml

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlMistake(ValueError):  # noqa: N818 - named after what it tells
    """A file that is not the YAML we accept; the sentence says where."""


class _Strict(_Loader):  # type: ignore[misc]  # the C loader is chosen at run time
    """Refuses a key that stands twice: the second would silently replace the first."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                raise YamlMistake(f"{key_node.start_mark.line + 1}行目: 「{key}」が2回書かれています")
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """The file as plain data. YamlMistake with the line for anything that cannot be read."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Strict)  # noqa: S506 - a safe loader
        return json.loads(json.dumps(data))
    except FileNotFoundError:
        raise YamlMistake("ファイルがありません") from None
    except UnicodeDecodeError:
        raise YamlMistake("UTF-8 で保存されていません") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"{mark.line + 1}行目" if mark else "どこか"
        raise YamlMistake(f"YAML として読めません({line}のあたり)") from None
    except (TypeError, ValueError) as error:
        if isinstance(error, YamlMistake):
            raise
        raise YamlMistake("日付など、文字・数・一覧でない値があります。引用符で囲んでください") from None
