"""The one code location: `dagster dev` loads `defs` from here."""

import dagster as dg

from orchestration.defs.build import JOB, build_defs

__all__ = ["JOB", "build_defs", "defs"]


@dg.definitions
def defs() -> dg.Definitions:
    """The graph, built when the server asks for it and not by importing this module."""
    return build_defs()
