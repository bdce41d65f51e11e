"""The counselor's desk: labels, clocks and hops, who is on site, holds, drafts, reveals, random checks."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_desk"
down_revision = "survey_erasure"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "city_rules",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("set_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("set_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("content", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_city_rules")),
    )
    op.create_table(
        "check_draws",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("wave_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("school_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seed", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("drawn_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("drawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_check_draws_school_id_schools")),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_check_draws_wave_id_waves")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_draws")),
    )
    with op.batch_alter_table("check_draws", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_check_draws_school_id"), ["school_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_check_draws_wave_id"), ["wave_id"], unique=False)

    op.create_table(
        "on_site",
        sa.Column("school_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("half", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("staff_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_on_site_school_id_schools")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_on_site_staff_id_staff")),
        sa.PrimaryKeyConstraint("school_id", "weekday", "half", "staff_id", name=op.f("pk_on_site")),
    )
    op.create_table(
        "queue_visits",
        sa.Column("school_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("staff_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_queue_visits_school_id_schools")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_queue_visits_staff_id_staff")),
        sa.PrimaryKeyConstraint("school_id", "staff_id", name=op.f("pk_queue_visits")),
    )
    op.create_table(
        "saved_filters",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("staff_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("query", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_filters_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
    )
    with op.batch_alter_table("saved_filters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_filters_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "school_closures",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("school_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_school_closures_school_id_schools")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_closures")),
    )
    with op.batch_alter_table("school_closures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_school_closures_school_id"), ["school_id"], unique=False)

    op.create_table(
        "case_leases",
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("staff_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_leases_case_id_cases")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_case_leases_staff_id_staff")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_leases")),
    )
    op.create_table(
        "check_items",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("draw_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("result_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("school_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("propensity", sa.Float(), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("labelled_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("labelled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_check_items_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["check_draws.id"], name=op.f("fk_check_items_draw_id_check_draws")
        ),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name=op.f("fk_check_items_result_id_results")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_check_items_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_items")),
        sa.UniqueConstraint("result_id", name=op.f("uq_check_items_result_id")),
    )
    with op.batch_alter_table("check_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_check_items_draw_id"), ["draw_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_check_items_school_id"), ["school_id"], unique=False)

    op.create_table(
        "escalations",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("school_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("level", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("cause", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("taken_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("taken_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_escalations_case_id_cases")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_escalations_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint("key", name=op.f("uq_escalations_key")),
    )
    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_escalations_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_escalations_school_id"), ["school_id"], unique=False)

    op.create_table(
        "name_reveals",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("school_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("staff_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=True),
        sa.Column("reviewed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("reviewed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_name_reveals_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_name_reveals_school_id_schools")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_name_reveals_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_reveals")),
    )
    with op.batch_alter_table("name_reveals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_name_reveals_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_name_reveals_school_id"), ["school_id"], unique=False)

    op.create_table(
        "note_drafts",
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("staff_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_note_drafts_case_id_cases")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_note_drafts_staff_id_staff")),
        sa.PrimaryKeyConstraint("case_id", "staff_id", name=op.f("pk_note_drafts")),
    )
    private = sa.Column("private", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("case_events", private)
    op.add_column("cases", sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column(
        "cases",
        sa.Column("level", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="onsite"),
    )
    op.add_column("cases", sa.Column("label", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("cases", sa.Column("closing_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    for column in ("closing_by", "label", "level", "opened_at"):
        op.drop_column("cases", column)
    op.drop_column("case_events", "private")
    op.drop_table("note_drafts")
    with op.batch_alter_table("name_reveals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_name_reveals_school_id"))
        batch_op.drop_index(batch_op.f("ix_name_reveals_case_id"))

    op.drop_table("name_reveals")
    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_escalations_school_id"))
        batch_op.drop_index(batch_op.f("ix_escalations_case_id"))

    op.drop_table("escalations")
    with op.batch_alter_table("check_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_check_items_school_id"))
        batch_op.drop_index(batch_op.f("ix_check_items_draw_id"))

    op.drop_table("check_items")
    op.drop_table("case_leases")
    with op.batch_alter_table("school_closures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_school_closures_school_id"))

    op.drop_table("school_closures")
    with op.batch_alter_table("saved_filters", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_filters_staff_id"))

    op.drop_table("saved_filters")
    op.drop_table("queue_visits")
    op.drop_table("on_site")
    with op.batch_alter_table("check_draws", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_check_draws_wave_id"))
        batch_op.drop_index(batch_op.f("ix_check_draws_school_id"))

    op.drop_table("check_draws")
    op.drop_table("city_rules")
