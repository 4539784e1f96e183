"""What fails for a while is tried again, where nobody sits and waits for the run.

A run that a schedule or a sensor began asks Dagster to try its step again, with waits
that double; one that a person started fails at once with its sentence. What is worth
waiting for is decided by the asset.
"""

import dagster as dg

_BEGAN_IT = ("dagster/schedule_name", "dagster/sensor_name")


def again_later(
    context: dg.AssetExecutionContext, tries: int, first_s: int
) -> dg.RetryRequested | None:
    """What to raise so that the step is tried again; None when somebody waits.

    Args:
        context: of the step that failed.
        tries: how often more, at most.
        first_s: seconds before the first; each wait is twice the one before.
    """
    if not any(tag in context.run.tags for tag in _BEGAN_IT):
        return None
    return dg.RetryRequested(tries, first_s * 2**context.retry_number)
