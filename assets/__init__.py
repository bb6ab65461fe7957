"""Dagster assets and checks, one module for each step of the yearly cycle."""
