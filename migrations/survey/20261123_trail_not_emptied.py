"""PostgreSQL: TRUNCATE passes by the triggers for DELETE, so it gets its own."""

from alembic import op

revision = "survey_0003"
down_revision = "survey_0002"
branch_labels = None
depends_on = None

TABLES = ("audit_entries", "releases")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION kizuki_refuse()"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
