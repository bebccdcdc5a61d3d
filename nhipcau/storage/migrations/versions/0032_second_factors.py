"""Second factors at the console: passkeys, and digests of recovery codes"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "console_passkeys",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("added", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_console_passkeys_person_id_people", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_console_passkeys"),
        sa.UniqueConstraint("credential", name="uq_console_passkeys_credential"),
    )
    op.create_index("ix_console_passkeys_person_id", "console_passkeys", ["person_id"])
    op.create_table(
        "console_recovery_codes",
        sa.Column("digest", sa.LargeBinary(16), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_console_recovery_codes_person_id_people", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_console_recovery_codes"),
    )
    op.create_index("ix_console_recovery_codes_person_id", "console_recovery_codes", ["person_id"])
