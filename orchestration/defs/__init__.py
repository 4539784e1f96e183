"""The Dagster code, and nothing else: assets, checks, partitions, jobs, schedules.

Every asset wraps a plain function of `scrapers`, `orchestration.contracts`, `accounts`,
`scoring`, `publish` or `crm`; no rule of the product lives here.
"""
