"""The CRM outbox and its destinations as assets."""
