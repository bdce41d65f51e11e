"""The trail and the releases only grow: triggers refuse to change or delete a line."""

from alembic import op

revision = "survey_0002"
down_revision = "survey_0001"
branch_labels = None
depends_on = None

TABLES = ("audit_entries", "releases")


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    if postgres:
        op.execute(
            "CREATE FUNCTION kizuki_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'this table only grows'; END $$"
        )
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            if postgres:
                op.execute(
                    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION kizuki_refuse()"
                )
            else:
                op.execute(
                    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'this table only grows'); END"
                )


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            on = f" ON {table}" if postgres else ""
            op.execute(f"DROP TRIGGER {table}_no_{verb.lower()}{on}")
    if postgres:
        op.execute("DROP FUNCTION kizuki_refuse()")
