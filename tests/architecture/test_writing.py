"""Who writes: one file commits, one room owns each table, looking never writes, doing leaves a trail."""

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import (
    PACKAGES,
    argument_names,
    called,
    calls,
    files,
    last_name,
    parsed,
    public_functions,
)

OWNERS = {
    "AnswerKey": {"survey_api/access"},
    "Agency": {"survey_api/services/agencies"},
    "Appointment": {"survey_api/services/appointments"},
    "StaffPreference": {"survey_api/services/preferences"},
    "AuditEntry": {"survey_api/audit"},
    "BankVersion": {"survey_api/services/banks"},
    "Case": {"survey_api/services/review"},
    "CaseEvent": {"survey_api/services/review"},
    "Certificate": {"survey_api/services/erasure"},
    "DataExport": {"survey_api/services/insights"},
    "LabFile": {"survey_api/services/insights"},
    "CaseLease": {"survey_api/services/review"},
    "CheckDraw": {"survey_api/services/review"},
    "CheckItem": {"survey_api/services/review"},
    "CityRules": {"survey_api/services/review"},
    "Draft": {"survey_api/services/submissions"},
    "Escalation": {"survey_api/services/review"},
    "Grant": {"survey_api/access"},
    "Hold": {"survey_api/services/erasure"},
    "NameReveal": {"survey_api/services/review"},
    "NoteDraft": {"survey_api/services/review"},
    "Conference": {"survey_api/services/conferences"},
    "PlanRow": {"survey_api/services/plans"},
    "Report": {"survey_api/services/reports"},
    "SupportPlan": {"survey_api/services/plans"},
    "AlertAddress": {"survey_api/services/notifications"},
    "AlertTest": {"survey_api/services/notifications"},
    "Delivery": {"survey_api/services/notifications"},
    "LateSheet": {"survey_api/services/submissions"},
    "MemoCard": {"survey_api/services/memos"},
    "NoticeMemo": {"survey_api/services/memos"},
    "Notification": {"survey_api/services/notifications"},
    "OnSite": {"survey_api/services/review"},
    "Person": {"survey_api/vault"},
    "QueueVisit": {"survey_api/services/review"},
    "Referral": {"survey_api/services/referrals"},
    "PreparedRelease": {"survey_api/services/insights"},
    "Release": {"survey_api/services/insights"},
    "Result": {"survey_api/services/results"},
    "SavedFilter": {"survey_api/services/review"},
    "School": {"survey_api/services/students"},
    "SchoolClosure": {"survey_api/services/review"},
    "OpenLock": {"survey_api/access"},
    "SchoolLock": {"survey_api/access"},
    "Unlocker": {"survey_api/access"},
    "UnlockerKey": {"survey_api/access"},
    "Staff": {"survey_api/access"},
    "StaffSession": {"survey_api/access"},
    "GrantReview": {"survey_api/access"},
    "Invitation": {"survey_api/access"},
    "Passkey": {"survey_api/access"},
    "RecoveryCode": {"survey_api/access"},
    "SecondPersonRequest": {"survey_api/access"},
    "SignInStep": {"survey_api/access"},
    "TicketTries": {"survey_api/access"},
    "SsoIdentity": {"survey_api/access"},
    "Student": {"survey_api/services/students"},
    "Submission": {"survey_api/services/submissions"},
    # A ticket is made when a wave opens and spent when its child has answered.
    "Ticket": {"survey_api/services/waves", "survey_api/services/submissions"},
    "VaultKey": {"survey_api/vault"},
    "Wave": {"survey_api/services/waves"},
    "WaveClass": {"survey_api/services/waves"},
    "WaveKey": {"survey_api/services/submissions"},
}
"""Table class → the folders that may make, change or delete its rows."""

WRITE_STATEMENTS = {"insert", "update", "delete"}
ASKING = {"exec", "exec_driver_sql", "execute", "scalar", "scalars", "select"}
SESSION_WRITES = {"add", "add_all", "bulk_save_objects", "delete", "flush", "merge"}

WITHOUT_TRAIL = {
    ("survey_api/services/results/actions.py", "erase"): "part of an erasure, whose certificate has the line",
    ("survey_api/services/waves/actions.py", "forget_verifiers"): "the certificate has the line",
    ("survey_api/services/memos/actions.py", "drop_settled"): "the certificate has the line",
    ("survey_api/services/notifications/actions.py", "drop_settled"): "the certificate has the line",
    ("survey_api/services/notifications/actions.py", "drop_about"): "the certificate has the line",
    ("survey_api/services/review/actions.py", "erase"): "the certificate has the line",
    ("survey_api/access/actions.py", "drop_over"): "the certificate has the line",
    (
        "survey_api/services/notifications/actions.py",
        "take",
    ): "a claim of the clock's own job; settling has the line",
    ("survey_api/services/referrals/actions.py", "seal_anew"): "part of locking a school, which has its line",
    ("survey_api/services/reports/actions.py", "seal_anew"): "part of locking a school, which has its line",
    ("survey_api/services/submissions/actions.py", "*"): "a child's own steps: their order would be readable",
    (
        "survey_api/services/results/actions.py",
        "record",
    ): "part of a child's own finish; the case has its line",
    (
        "survey_api/services/insights/actions.py",
        "tell_progress",
    ): "how far a job is; being asked and being ready have their lines",
    ("survey_api/services/waves/actions.py", "add_tickets"): "part of opening a wave, which has its line",
    ("survey_api/services/review/hold/actions.py", "keep_in_hand"): "part of a change, which has its line",
    ("survey_api/services/review/hold/actions.py", "save_draft"): "one's own words, not sent yet",
    ("survey_api/services/review/reveals/actions.py", "keep"): "the name's line says the reason",
    ("survey_api/services/review/clocks/actions.py", "note_visit"): "looking at a list; a case has its line",
    ("survey_api/services/review/clocks/actions.py", "set_level"): "follows from a hop, which has its line",
    ("survey_api/services/memos/actions.py", "set_level"): "follows from a hop, which has its line",
    (
        "survey_api/services/waves/actions.py",
        "issue",
    ): "one of a class's tickets; note_printed has their line",
}
"""(file, function or *) → why it leaves no line in the trail."""


HEALTH = Path("survey_api/web/routes/health.py")
"""Asks the databases whether they answer; reads no row."""
PAGES = [path for path in files("survey_ui", "survey_api/web") if path != HEALTH]


def tables() -> set[str]:
    """Every class that is stored, found by its `table=True`."""
    return {
        node.name
        for path in [*files("survey_api/tables"), Path("survey_api/vault/tables.py")]
        for node in parsed(path).body
        if isinstance(node, ast.ClassDef) and any(keyword.arg == "table" for keyword in node.keywords)
    }


def written_tables(path: Path) -> set[str]:
    """Tables whose rows this file makes, or names in an INSERT, UPDATE or DELETE."""
    found: set[str] = set()
    for call in calls(parsed(path)):
        found.add(last_name(call.func))
        if last_name(call.func) in WRITE_STATEMENTS and call.args:
            found.add(last_name(call.args[0]))
    return found & tables_in_reach(path)


def tables_in_reach(path: Path) -> set[str]:
    """Tables that the file imports by name or through their module; another class may share a name."""
    own = {node.name for node in parsed(path).body if isinstance(node, ast.ClassDef)}
    imported = (node for node in ast.walk(parsed(path)) if isinstance(node, ast.Import | ast.ImportFrom))
    reach = any("tables" in ast.unparse(node) for node in imported)
    return tables() - own if reach else set()


def test_every_table_has_an_owner() -> None:
    assert set(OWNERS) == tables()


@pytest.mark.parametrize("path", files("survey_ui", "survey_api"), ids=str)
def test_only_the_owner_writes_a_table(path: Path) -> None:
    strangers = {
        table
        for table in written_tables(path)
        if not any(path.is_relative_to(folder) for folder in OWNERS[table])
    }
    assert not strangers, f"{path} writes {strangers}; ask their rooms to do it, in a journey"


def test_one_file_commits() -> None:
    committing = {str(path) for path in files(*PACKAGES) if "commit" in called(parsed(path))}
    assert committing == {"survey_api/kit/work.py"}


@pytest.mark.parametrize("path", files("survey_api", name="queries.py"), ids=str)
def test_queries_only_look(path: Path) -> None:
    statements_made = {call.func.id for call in calls(parsed(path)) if isinstance(call.func, ast.Name)}
    writes = called(parsed(path)) & SESSION_WRITES | statements_made & WRITE_STATEMENTS
    assert not writes, f"{path} calls {writes}; writing belongs into actions.py"
    statements = [
        node.value
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.lstrip().lower().startswith(("insert ", "update ", "delete ", "drop ", "alter "))
    ]
    assert not statements


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_doors_ask_the_rooms(path: Path) -> None:
    """A page that asked the database itself could show what no room would have handed it."""
    assert not called(parsed(path)) & ASKING


@pytest.mark.parametrize("path", files("survey_api", name="actions.py"), ids=str)
def test_actions_take_the_work_and_leave_a_trail(path: Path) -> None:
    for function in public_functions(path):
        assert argument_names(function)[:1] == ["work"], f"{path}::{function.name} must take `work` first"
        if (str(path), "*") in WITHOUT_TRAIL or (str(path), function.name) in WITHOUT_TRAIL:
            continue
        assert leaves_a_line(path, function.name), f"{path}::{function.name} leaves no line in the trail"


def leaves_a_line(path: Path, name: str) -> bool:
    """Whether a function, or one of its own file that it calls, records in the trail."""
    functions = {node.name: node for node in parsed(path).body if isinstance(node, ast.FunctionDef)}
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        seen.add(current)
        if any(ast.unparse(call.func) == "trail.record" for call in calls(functions[current])):
            return True
        waiting += [other for other in called(functions[current]) if other in functions and other not in seen]
    return False


def test_the_list_without_trail_is_current() -> None:
    for file, function in WITHOUT_TRAIL:
        names = {node.name for node in public_functions(Path(file))}
        assert names, f"{file} has no actions"
        assert function == "*" or function in names
