"""List bookings for staff."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "8d1f0a6e3b57"
down_revision = "5b0c1d7a92e4"
branch_labels = None
depends_on = None

CHUNK = 1000

_NEXT = sa.text("""
    SELECT booking.id, booking_number, first_name, last_name, email, phone, total_price_cents,
           payment.id AS payment_id, payment.status AS payment_status, payment.created_at AS payment_created_at,
           coalesce(payment.captured_cents > 0, false) AS captured
    FROM bookings AS booking
    LEFT JOIN LATERAL (
        SELECT * FROM payments WHERE payments.booking_id = booking.id
        ORDER BY (payments.id = booking.paid_payment_id) DESC NULLS LAST, payments.created_at DESC LIMIT 1
    ) AS payment ON true
    WHERE booking.id > :after ORDER BY booking.id LIMIT :most
""")
_ADD = sa.text("""
    INSERT INTO booking_listings
        (booking_id, words, payment_status, payment_id, payment_captured, payment_created_at)
    VALUES (:booking_id, array_to_tsvector(CAST(:words AS text[])), :status, :payment_id, :captured, :created_at)
    ON CONFLICT DO NOTHING
""")


def upgrade() -> None:
    op.create_table(
        "booking_listings",
        sa.Column("booking_id", sa.UUID(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("payment_status", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.UUID(), nullable=True),
        sa.Column("payment_captured", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("payment_created_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "payment_status IN ('not_required', 'pending', 'processing', 'succeeded', 'failed', 'refunded',"
            " 'partially_refunded', 'cancelled')",
            name="booking_listings_payment_status",
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("booking_id"),
    )
    op.create_index(
        "booking_listings_words",
        "booking_listings",
        ["words"],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )
    op.create_index("booking_listings_payment", "booking_listings", ["payment_status", "booking_id"])
    _list_bookings()
    op.drop_index("bookings_by_pickup", table_name="bookings")
    op.create_index("bookings_by_pickup", "bookings", ["pickup_date", "service_type", "status", "id"])
    op.create_index("bookings_by_total", "bookings", ["total_price_cents", "id"])
    op.create_index("bookings_of_guest", "bookings", ["email"], postgresql_where=sa.text("customer_id IS NULL"))


def _list_bookings() -> None:
    connection = op.get_bind()
    after = "00000000-0000-0000-0000-000000000000"
    while rows := connection.execute(_NEXT, {"after": after, "most": CHUNK}).all():
        connection.execute(_ADD, [_listing(row) for row in rows])
        after = str(rows[-1].id)


def _listing(row: sa.Row[tuple[object, ...]]) -> dict[str, object]:
    return {
        "booking_id": row.id,
        "words": _words(row.booking_number, f"{row.first_name} {row.last_name}", row.email, row.phone),
        "status": row.payment_status or ("pending" if row.total_price_cents else "not_required"),
        "payment_id": row.payment_id,
        "captured": row.captured,
        "created_at": row.payment_created_at,
    }


def _words(number: str, name: str, email: str, phone: str) -> list[str]:
    digits = re.sub("[^0-9]", "", phone)
    parts = re.findall(r"[^\W_]+", f"{_plain(name)} {_plain(email)}")
    numbers = [number.lower().replace("-", ""), re.sub("[^0-9]", "", number)]
    found = [*numbers, *parts, _plain(email), digits, digits[-10:], digits[-7:], digits[-4:]]
    return sorted({word for word in found if word})


def _plain(text: str) -> str:
    spread = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in spread if not unicodedata.combining(letter)).casefold()


def downgrade() -> None:
    op.drop_index("bookings_of_guest", table_name="bookings")
    op.drop_index("bookings_by_total", table_name="bookings")
    op.drop_index("bookings_by_pickup", table_name="bookings")
    op.create_index("bookings_by_pickup", "bookings", ["pickup_date", "service_type"])
    op.drop_table("booking_listings")
