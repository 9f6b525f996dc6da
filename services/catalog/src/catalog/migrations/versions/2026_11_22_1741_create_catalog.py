"""create catalog."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "e601886be946"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalog_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("catalog_head_one_row")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("INSERT INTO catalog_head (id, version) VALUES (1, 0)")
    op.create_table(
        "catalog_versions",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.UUID(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "delivery_configs",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("price_per_item_cents", sa.Integer(), nullable=False),
        sa.Column("minimum_items", sa.Integer(), nullable=False),
        sa.Column("minimum_charge_cents", sa.Integer(), nullable=False),
        sa.Column("same_day_flat_rate_cents", sa.Integer(), nullable=False),
        sa.Column("max_weight_per_item_lbs", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "max_weight_per_item_lbs BETWEEN 1 AND 1000000", name=op.f("delivery_configs_max_weight_per_item_lbs")
        ),
        sa.CheckConstraint(
            "minimum_charge_cents BETWEEN 0 AND 99999999", name=op.f("delivery_configs_minimum_charge_cents")
        ),
        sa.CheckConstraint("minimum_items BETWEEN 1 AND 1000000", name=op.f("delivery_configs_minimum_items")),
        sa.CheckConstraint(
            "price_per_item_cents BETWEEN 0 AND 99999999", name=op.f("delivery_configs_price_per_item_cents")
        ),
        sa.CheckConstraint(
            "same_day_flat_rate_cents BETWEEN 0 AND 99999999", name=op.f("delivery_configs_same_day_flat_rate_cents")
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "delivery_configs_one_active",
        "delivery_configs",
        ["is_active"],
        unique=True,
        postgresql_where=sa.text("is_active"),
    )
    op.create_table(
        "mini_move_packages",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("package_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("base_price_cents", sa.Integer(), nullable=False),
        sa.Column("max_items", sa.Integer(), nullable=True),
        sa.Column("max_weight_per_item_lbs", sa.Integer(), nullable=False),
        sa.Column("coi_included", sa.Boolean(), nullable=False),
        sa.Column("coi_fee_cents", sa.Integer(), nullable=False),
        sa.Column("is_most_popular", sa.Boolean(), nullable=False),
        sa.Column("priority_scheduling", sa.Boolean(), nullable=False),
        sa.Column("protective_wrapping", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "package_type IN ('petite', 'standard', 'full')", name=op.f("mini_move_packages_package_type")
        ),
        sa.CheckConstraint("base_price_cents BETWEEN 0 AND 99999999", name=op.f("mini_move_packages_base_price_cents")),
        sa.CheckConstraint("coi_fee_cents BETWEEN 0 AND 99999999", name=op.f("mini_move_packages_coi_fee_cents")),
        sa.CheckConstraint("max_items BETWEEN 1 AND 1000000", name=op.f("mini_move_packages_max_items")),
        sa.CheckConstraint(
            "max_weight_per_item_lbs BETWEEN 1 AND 1000000", name=op.f("mini_move_packages_max_weight_per_item_lbs")
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("package_type", name=op.f("mini_move_packages_package_type_key")),
    )
    op.create_table(
        "organizing_services",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("service_type", sa.Text(), nullable=False),
        sa.Column("mini_move_tier", sa.Text(), nullable=False),
        sa.Column("is_packing_service", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("duration_hours", sa.Integer(), nullable=False),
        sa.Column("organizer_count", sa.Integer(), nullable=False),
        sa.Column("supplies_allowance_cents", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "mini_move_tier IN ('petite', 'standard', 'full')", name=op.f("organizing_services_mini_move_tier")
        ),
        sa.CheckConstraint("duration_hours BETWEEN 1 AND 1000000", name=op.f("organizing_services_duration_hours")),
        sa.CheckConstraint("organizer_count BETWEEN 1 AND 1000000", name=op.f("organizing_services_organizer_count")),
        sa.CheckConstraint("price_cents BETWEEN 0 AND 99999999", name=op.f("organizing_services_price_cents")),
        sa.CheckConstraint(
            "supplies_allowance_cents BETWEEN 0 AND 99999999", name=op.f("organizing_services_supplies_allowance_cents")
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "mini_move_tier",
            "is_packing_service",
            name=op.f("organizing_services_mini_move_tier_is_packing_service_key"),
        ),
        sa.UniqueConstraint("service_type", name=op.f("organizing_services_service_type_key")),
    )
    op.create_table(
        "policies",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("policies_one_row")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "service_zones",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("states", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("zip_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("zip_prefixes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", name=op.f("service_zones_code_key")),
        sa.UniqueConstraint("position", deferrable=True, initially="DEFERRED", name=op.f("service_zones_position_key")),
    )
    op.create_table(
        "specialty_items",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("item_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("requires_van_schedule", sa.Boolean(), nullable=False),
        sa.Column("special_handling", sa.Boolean(), nullable=False),
        sa.Column("max_quantity_per_booking", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "max_quantity_per_booking BETWEEN 1 AND 1000000", name=op.f("specialty_items_max_quantity_per_booking")
        ),
        sa.CheckConstraint("price_cents BETWEEN 0 AND 99999999", name=op.f("specialty_items_price_cents")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item_type", name=op.f("specialty_items_item_type_key")),
    )
    op.create_table(
        "surcharge_rules",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("surcharge_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("applies_to_service_type", sa.Text(), nullable=False),
        sa.Column("calculation_type", sa.Text(), nullable=False),
        sa.Column("percentage", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("fixed_amount_cents", sa.Integer(), nullable=True),
        sa.Column("specific_date", sa.Date(), nullable=True),
        sa.Column("applies_saturday", sa.Boolean(), nullable=False),
        sa.Column("applies_sunday", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "applies_to_service_type IN ('all', 'mini_move', 'standard_delivery', 'specialty_item')",
            name=op.f("surcharge_rules_applies_to_service_type"),
        ),
        sa.CheckConstraint(
            "calculation_type = 'percentage' AND percentage IS NOT NULL AND fixed_amount_cents IS NULL OR calculation_type = 'fixed_amount' AND fixed_amount_cents IS NOT NULL AND percentage IS NULL",
            name=op.f("surcharge_rules_amount"),
        ),
        sa.CheckConstraint(
            "surcharge_type = 'geographic' AND zone IS NOT NULL AND specific_date IS NULL AND NOT applies_saturday AND NOT applies_sunday OR surcharge_type IN ('weekend', 'holiday') AND zone IS NULL AND (specific_date IS NULL) = (applies_saturday OR applies_sunday)",
            name=op.f("surcharge_rules_applies_when"),
        ),
        sa.CheckConstraint(
            "fixed_amount_cents BETWEEN 0 AND 99999999", name=op.f("surcharge_rules_fixed_amount_cents")
        ),
        sa.CheckConstraint("percentage BETWEEN 0 AND 100", name=op.f("surcharge_rules_percentage")),
        sa.ForeignKeyConstraint(["zone"], ["service_zones.code"], name="surcharge_rules_zone_fkey"),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("surcharge_rules")
    op.drop_table("specialty_items")
    op.drop_table("service_zones")
    op.drop_table("policies")
    op.drop_table("organizing_services")
    op.drop_table("mini_move_packages")
    op.drop_index("delivery_configs_one_active", table_name="delivery_configs", postgresql_where=sa.text("is_active"))
    op.drop_table("delivery_configs")
    op.drop_table("catalog_versions")
    op.drop_table("catalog_head")
