"""The one code location: `dagster dev` loads `defs` from here."""

import dagster as dg

from orchestration.defs.build import JOB, build_defs

__all__ = ["JOB", "build_defs", "defs"]

defs: dg.Definitions = build_defs()
