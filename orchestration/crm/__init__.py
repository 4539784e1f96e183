"""What a CRM is told: the outbox (pure), the destinations, and the log of each sync.

Only fields of our own, prefixed `lyttepost_`, are ever written; what people wrote is
left alone, and a null never overwrites. Nothing here scores, and nothing knows Dagster.
"""
