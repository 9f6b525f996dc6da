"""The catalogue's tables. The columns of an entity bear the names of its published contract."""

from typing import Any

from shared.contracts.catalog import (
    MiniMovePackage,
    OrganizingService,
    ServiceZone,
    SpecialtyItem,
    StandardDeliveryConfig,
    SurchargeRule,
)
from shared.money import MAXIMUM_CENTS
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Constraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

NAMES = {"ck": "%(table_name)s_%(constraint_name)s", "uq": "%(table_name)s_%(column_0_N_name)s_key"}

metadata = MetaData(naming_convention=NAMES)

TIERS = "('petite', 'standard', 'full')"
SERVICE_TYPES = "('all', 'mini_move', 'standard_delivery', 'specialty_item')"


def _text(name: str, **options: Any) -> Column[Any]:
    return Column(name, Text, nullable=False, **options)


def _flag(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False)


def _between(name: str, least: int, most: int, nullable: bool = False) -> tuple[Column[Any], CheckConstraint]:
    check = CheckConstraint(f"{name} BETWEEN {least} AND {most}", name=name)
    return Column(name, Integer, nullable=nullable), check


def _cents(name: str, nullable: bool = False) -> tuple[Column[Any], CheckConstraint]:
    return _between(name, 0, MAXIMUM_CENTS, nullable)


def _count(name: str, nullable: bool = False) -> tuple[Column[Any], CheckConstraint]:
    return _between(name, 1, 1_000_000, nullable)


def _one_row() -> tuple[Column[Any], CheckConstraint]:
    return Column("id", SmallInteger, primary_key=True, autoincrement=False), CheckConstraint("id = 1", name="one_row")


def _entity(name: str, *parts: Column[Any] | Constraint | tuple[Column[Any], CheckConstraint]) -> Table:
    flat = [item for part in parts for item in (part if isinstance(part, tuple) else (part,))]
    return Table(
        name,
        metadata,
        Column("id", UUID, primary_key=True),
        *flat,
        Column("is_active", Boolean, nullable=False, server_default=text("true")),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
    )


mini_move_packages = _entity(
    "mini_move_packages",
    _text("package_type", unique=True),
    _text("name"),
    _text("description"),
    _cents("base_price_cents"),
    _count("max_items", nullable=True),
    _count("max_weight_per_item_lbs"),
    _flag("coi_included"),
    _cents("coi_fee_cents"),
    _flag("is_most_popular"),
    _flag("priority_scheduling"),
    _flag("protective_wrapping"),
    CheckConstraint(f"package_type IN {TIERS}", name="package_type"),
)

organizing_services = _entity(
    "organizing_services",
    _text("service_type", unique=True),
    _text("mini_move_tier"),
    _flag("is_packing_service"),
    _text("name"),
    _text("description"),
    _cents("price_cents"),
    _count("duration_hours"),
    _count("organizer_count"),
    _cents("supplies_allowance_cents"),
    UniqueConstraint("mini_move_tier", "is_packing_service"),
    CheckConstraint(f"mini_move_tier IN {TIERS}", name="mini_move_tier"),
)

specialty_items = _entity(
    "specialty_items",
    _text("item_type", unique=True),
    _text("name"),
    _text("description"),
    _cents("price_cents"),
    _flag("requires_van_schedule"),
    _flag("special_handling"),
    _count("max_quantity_per_booking"),
)

delivery_configs = _entity(
    "delivery_configs",
    _cents("price_per_item_cents"),
    _count("minimum_items"),
    _cents("minimum_charge_cents"),
    _cents("same_day_flat_rate_cents"),
    _count("max_weight_per_item_lbs"),
)
Index("delivery_configs_one_active", delivery_configs.c.is_active, unique=True, postgresql_where=text("is_active"))

service_zones = _entity(
    "service_zones",
    _text("code", unique=True),
    _text("name"),
    Column("states", ARRAY(Text), nullable=False),
    Column("zip_codes", ARRAY(Text), nullable=False),
    Column("zip_prefixes", ARRAY(Text), nullable=False),
    Column("position", Integer, nullable=False),
    UniqueConstraint("position", deferrable=True, initially="DEFERRED"),
)

surcharge_rules = _entity(
    "surcharge_rules",
    _text("surcharge_type"),
    _text("name"),
    _text("description"),
    _text("applies_to_service_type"),
    _text("calculation_type"),
    Column("percentage", Numeric(5, 2)),
    _cents("fixed_amount_cents", nullable=True),
    Column("specific_date", Date),
    _flag("applies_saturday"),
    _flag("applies_sunday"),
    Column("zone", Text, ForeignKey("service_zones.code", name="surcharge_rules_zone_fkey")),
    CheckConstraint(f"applies_to_service_type IN {SERVICE_TYPES}", name="applies_to_service_type"),
    CheckConstraint("percentage BETWEEN 0 AND 100", name="percentage"),
    CheckConstraint(
        "calculation_type = 'percentage' AND percentage IS NOT NULL AND fixed_amount_cents IS NULL"
        " OR calculation_type = 'fixed_amount' AND fixed_amount_cents IS NOT NULL AND percentage IS NULL",
        name="amount",
    ),
    CheckConstraint(
        "surcharge_type = 'geographic' AND zone IS NOT NULL AND specific_date IS NULL"
        " AND NOT applies_saturday AND NOT applies_sunday"
        " OR surcharge_type IN ('weekend', 'holiday') AND zone IS NULL"
        " AND (specific_date IS NULL) = (applies_saturday OR applies_sunday)",
        name="applies_when",
    ),
)

policies = Table(
    "policies",
    metadata,
    *_one_row(),
    Column("settings", JSONB, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

catalog_head = Table(
    "catalog_head",
    metadata,
    *_one_row(),
    Column("version", Integer, nullable=False),
)
"""One row: the newest version. Raising it takes the lock under which the catalogue changes."""

catalog_versions = Table(
    "catalog_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("snapshot", JSONB, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("changed_by", UUID),
    _text("reason"),
)

catalog_changes = Table(
    "catalog_changes",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("catalog_version", Integer),
    _text("entity_type"),
    Column("entity_id", UUID),
    _text("action"),
    _text("description"),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("changed_by", UUID),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("action IN ('loaded', 'created', 'changed', 'deactivated')", name="action"),
    Index("catalog_changes_newest", text("changed_at DESC"), text("id DESC")),
    Index("catalog_changes_of_entity", "entity_id", text("changed_at DESC")),
)
"""Who changed what and when; discount codes have no catalogue version, since they are published one by one."""

discount_codes = _entity(
    "discount_codes",
    Column("version", Integer, nullable=False),
    _text("code", unique=True),
    _text("discount_type"),
    Column("value", Numeric(10, 2), nullable=False),
    _count("max_uses", nullable=True),
    _count("max_uses_per_customer"),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_until", DateTime(timezone=True)),
    _cents("minimum_order_cents"),
    _cents("maximum_discount_cents", nullable=True),
    Column("allowed_service_types", ARRAY(Text), nullable=False),
    CheckConstraint("code = upper(code)", name="upper_case"),
    CheckConstraint("discount_type IN ('percentage', 'fixed')", name="discount_type"),
    CheckConstraint(
        "discount_type = 'percentage' AND value BETWEEN 0.01 AND 100"
        f" OR discount_type = 'fixed' AND value BETWEEN 1 AND {MAXIMUM_CENTS} AND value = trunc(value)",
        name="value",
    ),
    CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="validity"),
)

redemptions = Table(
    "redemptions",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code_id", UUID, nullable=False),
    Column("booking_id", UUID, nullable=False),
    Column("customer_id", UUID),
    Column("amount_cents", Integer, nullable=False),
    Column("released", Boolean, nullable=False),
    Index("redemptions_of_code", "code_id", postgresql_where=text("NOT released")),
)
"""Copies of the uses of discount codes, as booking tells of them."""

TABLES: dict[type[Any], Table] = {
    MiniMovePackage: mini_move_packages,
    OrganizingService: organizing_services,
    SpecialtyItem: specialty_items,
    StandardDeliveryConfig: delivery_configs,
    ServiceZone: service_zones,
    SurchargeRule: surcharge_rules,
}
"""Published contract → the table that holds it."""
