"""The lab's report as one HTML file under its own strict policy, and the model card as Markdown."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from scoring.lab.report import ConcernReport, Report

TEMPLATES = Path(__file__).parent / "templates"
CONCERN_WORDS = {"care": "家族の世話", "neglect": "生活の基本", "safety": "安全", "mood": "気持ち"}
GROUP_WORDS = {
    "sex": "性別",
    "grade": "学年",
    "stage": "学校段階",
    "language": "家の言語",
    "school size": "学校の規模",
    "everybody": "全員",
}


def page(report: Report) -> str:
    """No script, no address, no inline style: the one style sheet is allowed by its hash."""
    style = (TEMPLATES / "lab.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["css"] = Markup  # our own file, exactly the bytes that were hashed
    return environment.get_template("lab_report.html").render(
        report=report, style=style, digest=digest, words=CONCERN_WORDS, groups=GROUP_WORDS, warn=warning_words
    )


def warning_words(report: ConcernReport) -> list[str]:
    """What must be looked at before a person signs, in sentences."""
    found = []
    for warning in report.warnings:
        kind, _, rest = warning.partition(":")
        if kind == "direction":
            found.append(
                f"質問「{rest}」は、決めた向きと逆の結びつきを示します。向きを直すか、表から外してください。"
            )
        elif kind == "group":
            where, _, what = rest.rpartition(":")
            group, _, value = where.partition("=")
            said = (
                "見つかる割合が全体の8割に届きません" if what == "recall" else "予想と実際の数がずれています"
            )
            found.append(f"{GROUP_WORDS.get(group, group)}「{value}」で、{said}。")
        else:
            item, _, where = rest.partition(":")
            group, _, value = where.partition("=")
            word = GROUP_WORDS.get(group, group)
            found.append(f"質問「{item}」は、{word}「{value}」でほかと違う答えられ方をします。")
    return found


def model_card(report: Report, version: str, found: Sequence[str]) -> str:
    """What the table is, on what it rests, what it reaches, what it must not be used for."""
    lines = [f"# モデルカード: {report.bank} 版 {report.version}、表の案 {version}", ""]
    if report.simulated:
        lines += [
            "**simulated(模擬のデータ)で作った案です。子どもについての根拠ではありません。実際の調査には使えません。**",
            "",
        ]
    lines += [
        "- 状態: 署名前。計算による案で、どこにも適用されていません。",
        "- 形: 答えごとの点の足し算。悪い答えで点が下がることはありません。答えない問いは、平均から最悪へ25%の位置に置きます。",
        "- 使いみち: 同じ急ぎの段の中での並びと、組み合わせの理由の提示。かたい規則には触れず、だれも隠しません。",
        "- 使ってはいけないこと: 診断、措置の決定、子どもの順位づけ、子どもや学級への点の表示。",
        "- 入力にしないもの: 性別、学年、言語、学校。公平さの点検にだけ使います。",
        "",
        "| 懸念 | 人数 | 該当 | 学校 | AUROC [95%] | 上位10%で見つかる割合 | 専門家の点 | 自由な方法との差 | 較正の誤差 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for each in report.concerns:
        lines.append(
            f"| {CONCERN_WORDS[each.concern]} | {each.people} | {each.cases} | {each.schools} | {each.auroc} "
            f"| {each.recall} | {each.expert_auroc:.3f} | {each.gap:+.3f} | {each.error:.3f} |"
        )
    lines += ["", "数は、その学校の答えを見ていない計算によるものです。", "", "## 署名の前に見ること", ""]
    sentences = [
        f"{CONCERN_WORDS[each.concern]}: {text}" for each in report.concerns for text in warning_words(each)
    ]
    lines += [f"- {text}" for text in sentences] or ["- 自動の点検では見つかりませんでした。"]
    lines += ["", "## 質問集の検査", ""]
    lines += [f"- {problem}" for problem in found] or ["- 提案した質問集は `kizuki banks check` に通ります。"]
    lines += [
        "",
        "## 署名",
        "",
        "確かめた人(氏名・役職・日付)を scoring.yaml の signed_by に書いて、はじめて使えます。前の表に戻すには、前の scoring.yaml に戻します。",
        "",
    ]
    return "\n".join(lines)
