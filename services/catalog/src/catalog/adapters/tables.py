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
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from catalog.adapters.columns import cents, count, entity, flag, metadata, one_row, text_column

TIERS = "('petite', 'standard', 'full')"
SERVICE_TYPES = "('all', 'mini_move', 'standard_delivery', 'specialty_item')"

mini_move_packages = entity(
    "mini_move_packages",
    text_column("package_type", unique=True),
    text_column("name"),
    text_column("description"),
    cents("base_price_cents"),
    count("max_items", nullable=True),
    count("max_weight_per_item_lbs"),
    flag("coi_included"),
    cents("coi_fee_cents"),
    flag("is_most_popular"),
    flag("priority_scheduling"),
    flag("protective_wrapping"),
    CheckConstraint(f"package_type IN {TIERS}", name="package_type"),
)

organizing_services = entity(
    "organizing_services",
    text_column("service_type", unique=True),
    text_column("mini_move_tier"),
    flag("is_packing_service"),
    text_column("name"),
    text_column("description"),
    cents("price_cents"),
    count("duration_hours"),
    count("organizer_count"),
    cents("supplies_allowance_cents"),
    UniqueConstraint("mini_move_tier", "is_packing_service"),
    CheckConstraint(f"mini_move_tier IN {TIERS}", name="mini_move_tier"),
)

specialty_items = entity(
    "specialty_items",
    text_column("item_type", unique=True),
    text_column("name"),
    text_column("description"),
    cents("price_cents"),
    flag("requires_van_schedule"),
    flag("special_handling"),
    count("max_quantity_per_booking"),
)

delivery_configs = entity(
    "delivery_configs",
    cents("price_per_item_cents"),
    count("minimum_items"),
    cents("minimum_charge_cents"),
    cents("same_day_flat_rate_cents"),
    count("max_weight_per_item_lbs"),
)
Index("delivery_configs_one_active", delivery_configs.c.is_active, unique=True, postgresql_where=text("is_active"))

service_zones = entity(
    "service_zones",
    text_column("code", unique=True),
    text_column("name"),
    Column("states", ARRAY(Text), nullable=False),
    Column("zip_codes", ARRAY(Text), nullable=False),
    Column("zip_prefixes", ARRAY(Text), nullable=False),
    Column("position", Integer, nullable=False),
    UniqueConstraint("position", deferrable=True, initially="DEFERRED"),
)

surcharge_rules = entity(
    "surcharge_rules",
    text_column("surcharge_type"),
    text_column("name"),
    text_column("description"),
    text_column("applies_to_service_type"),
    text_column("calculation_type"),
    Column("percentage", Numeric(5, 2)),
    cents("fixed_amount_cents", nullable=True),
    Column("specific_date", Date),
    flag("applies_saturday"),
    flag("applies_sunday"),
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
    *one_row(),
    Column("settings", JSONB, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

catalog_head = Table(
    "catalog_head",
    metadata,
    *one_row(),
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
    text_column("reason"),
)

catalog_changes = Table(
    "catalog_changes",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("catalog_version", Integer),
    text_column("entity_type"),
    Column("entity_id", UUID),
    text_column("action"),
    text_column("description"),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("changed_by", UUID),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("action IN ('loaded', 'created', 'changed', 'deactivated')", name="action"),
    Index("catalog_changes_newest", text("changed_at DESC"), text("id DESC")),
    Index("catalog_changes_of_entity", "entity_id", text("changed_at DESC")),
)
"""Who changed what and when; discount codes have no catalogue version, since they are published one by one."""

discount_codes = entity(
    "discount_codes",
    Column("version", Integer, nullable=False),
    text_column("code", unique=True),
    text_column("discount_type"),
    Column("value", Numeric(10, 2), nullable=False),
    count("max_uses", nullable=True),
    count("max_uses_per_customer"),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_until", DateTime(timezone=True)),
    cents("minimum_order_cents"),
    cents("maximum_discount_cents", nullable=True),
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
