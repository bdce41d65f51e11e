"""Settings of one's own desk; hours of オンライン相談; a notification may be for one person instead of a school."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_own_desk"
down_revision = "survey_school_locks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "staff_preferences",
        sa.Column("staff_id", text(), nullable=False),
        sa.Column("dense", sa.Boolean(), nullable=False),
        sa.Column("text_size", sa.Integer(), nullable=False),
        sa.Column("shortcuts", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", text(), nullable=True),
        sa.Column("quiet_until", text(), nullable=True),
        sa.Column("cover_id", text(), nullable=True),
        sa.Column("cover_from", sa.Date(), nullable=True),
        sa.Column("cover_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_preferences_staff_id_staff")),
        sa.ForeignKeyConstraint(["cover_id"], ["staff.id"], name=op.f("fk_staff_preferences_cover_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_preferences")),
    )
    op.create_table(
        "appointments",
        sa.Column("id", text(), nullable=False),
        sa.Column("agency_id", text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("starts", text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("host_id", text(), nullable=False),
        sa.Column("how", text(), nullable=False),
        sa.Column("state", text(), nullable=False),
        sa.Column("branch", text(), nullable=False),
        sa.Column("guest_id", text(), nullable=True),
        sa.Column("topic", text(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_appointments_agency_id_agencies")
        ),
        sa.ForeignKeyConstraint(["host_id"], ["staff.id"], name=op.f("fk_appointments_host_id_staff")),
        sa.ForeignKeyConstraint(["guest_id"], ["staff.id"], name=op.f("fk_appointments_guest_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.create_index(op.f("ix_appointments_agency_id"), "appointments", ["agency_id"])
    op.create_index(op.f("ix_appointments_on_day"), "appointments", ["on_day"])
    with _notifications() as batch_op:
        batch_op.alter_column("school_id", existing_type=text(), nullable=True)
        batch_op.add_column(sa.Column("staff_id", text(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_notifications_staff_id_staff"), "staff", ["staff_id"], ["id"])


def downgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.execute(
        "DELETE FROM deliveries WHERE notification_id IN (SELECT id FROM notifications WHERE school_id IS NULL)"
    )
    op.execute("DELETE FROM notifications WHERE school_id IS NULL")
    with _notifications() as batch_op:
        batch_op.drop_constraint(op.f("fk_notifications_staff_id_staff"), type_="foreignkey")
        batch_op.drop_column("staff_id")
        batch_op.alter_column("school_id", existing_type=text(), nullable=False)
    op.drop_table("appointments")
    op.drop_table("staff_preferences")


def _notifications():  # type: ignore[no-untyped-def]
    """SQLite keeps no row number there, so that no order of arrival can be read."""
    kwargs = {"sqlite_with_rowid": False} if op.get_bind().dialect.name == "sqlite" else {}
    return op.batch_alter_table("notifications", table_kwargs=kwargs)
