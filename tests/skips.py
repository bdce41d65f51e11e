"""One rule: a test that cannot run says so plainly, and on demand that is a failure."""

import os
from collections import Counter
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_if_skipped(report)
    return report


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """With KIZUKI_REQUIRE_ALL set, what did not run has failed."""
    if report.skipped and os.environ.get("KIZUKI_REQUIRE_ALL"):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} did not run, and KIZUKI_REQUIRE_ALL is set: {reason(report)}"


def reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return why.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line per reason, after the details and before pytest's own closing line."""
    skipped = Counter(reason(report) for report in terminalreporter.stats.get("skipped", []))
    for why, number in sorted(skipped.items()):
        terminalreporter.write_line(f"NOT RUN on this machine: {number} tests, {why}", yellow=True, bold=True)
