"""Outcomes of a CRM as an asset."""
