"""PostgreSQL: versions in schemas of their own, views on the current one."""
