"""One case per pupil and wave. Of two that exist the one that is open goes on; the other stays, closed, to be read."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_one_case"
down_revision = "survey_places_for_children"
branch_labels = None
depends_on = None

ONE = "merged_into IS NULL"
WEIGHT = {"today": 0, "this_week": 1, "check": 2, "watch": 3}


def upgrade() -> None:
    op.add_column("cases", sa.Column("signal_on", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("merged_into", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    merge_doubles(op.get_bind())
    op.drop_index("ix_cases_pseudonym", table_name="cases")
    op.create_index(
        "uq_cases_pseudonym_wave_id",
        "cases",
        ["pseudonym", "wave_id"],
        unique=True,
        sqlite_where=sa.text(ONE),
        postgresql_where=sa.text(ONE),
    )


def downgrade() -> None:
    op.drop_index("uq_cases_pseudonym_wave_id", table_name="cases")
    op.create_index("ix_cases_pseudonym", "cases", ["pseudonym"], unique=False)
    op.drop_column("cases", "merged_into")
    op.drop_column("cases", "signal_on")


def merge_doubles(connection: sa.Connection) -> None:
    """Nothing is thrown away: what hangs on a case that was merged stays there and is read through the other."""
    texts = ("id", "pseudonym", "wave_id", "state", "urgency", "owner_id", "reviewer_id", "merged_into")
    days = ("opened_on", "due_on", "follow_up_on")
    cases = sa.table(
        "cases",
        *(sa.column(name, sa.String()) for name in texts),
        *(sa.column(name, sa.Date()) for name in days),
        sa.column("restricted", sa.Boolean()),
    )
    kept = {}
    rows = connection.execute(sa.select(cases)).mappings().all()
    for row in sorted(
        rows, key=lambda row: (row["state"] == "closed", -row["opened_on"].toordinal(), row["id"])
    ):
        first = kept.setdefault((row["pseudonym"], row["wave_id"]), row)
        if first is row:
            continue
        stronger = min(first["urgency"], row["urgency"], key=lambda word: WEIGHT[word])
        first = dict(first)
        if row["state"] != "closed":  # two that were open: what one of them had to be kept by goes on
            first |= {"urgency": stronger, "due_on": min(first["due_on"], row["due_on"])}
        if row["restricted"]:
            first |= {"restricted": True}
            first |= {name: first[name] or row[name] for name in ("owner_id", "reviewer_id")}
        kept[row["pseudonym"], row["wave_id"]] = first
        gone = {"merged_into": first["id"], "state": "closed", "follow_up_on": None}
        connection.execute(sa.update(cases).where(cases.c.id == row["id"]).values(gone))
        going_on = {
            name: first[name] for name in ("urgency", "due_on", "restricted", "owner_id", "reviewer_id")
        }
        connection.execute(sa.update(cases).where(cases.c.id == first["id"]).values(going_on))
