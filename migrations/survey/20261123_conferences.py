"""Reports of suspicion, meetings about a case, support plans and their rows."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_conferences"
down_revision = "survey_desk"
branch_labels = None
depends_on = None

TABLES = ("reports", "conferences", "support_plans", "plan_rows")


def upgrade() -> None:
    text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "reports",
        *_of_a_case("reports"),
        sa.Column("state", text(), nullable=False),
        sa.Column("suspected_at", moment(), nullable=False),
        sa.Column("reported_at", moment(), nullable=True),
        sa.Column("recipient", text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "conferences",
        *_of_a_case("conferences"),
        sa.Column("kind", text(), nullable=False),
        sa.Column("state", text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "support_plans",
        *_of_a_case("support_plans"),
        sa.Column("state", text(), nullable=False),
        sa.Column("consent", text(), nullable=False),
        sa.Column("decided_at", moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("case_id", name=op.f("uq_support_plans_case_id")),
    )
    op.create_table(
        "plan_rows",
        sa.Column("id", text(), nullable=False),
        sa.Column("plan_id", text(), nullable=False),
        sa.Column("school_id", text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["support_plans.id"], name=op.f("fk_plan_rows_plan_id_support_plans")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_plan_rows_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_rows")),
    )
    for table in ("reports", "conferences"):
        op.create_index(op.f(f"ix_{table}_case_id"), table, ["case_id"])
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_school_id"), table, ["school_id"])
    op.create_index(op.f("ix_plan_rows_plan_id"), "plan_rows", ["plan_id"])


def _of_a_case(table: str) -> list[sa.schema.SchemaItem]:
    text = sqlmodel.sql.sqltypes.AutoString
    return [
        sa.Column("id", text(), nullable=False),
        sa.Column("case_id", text(), nullable=False),
        sa.Column("school_id", text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f(f"fk_{table}_case_id_cases")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f(f"fk_{table}_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
