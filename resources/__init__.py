"""Dagster resources: warehouse, landing folder, outbox, validation."""
