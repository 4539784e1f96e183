"""What fails for a while is tried again, where nobody sits and waits for the run.

A run that a schedule or a sensor began asks Dagster to try its step again, with waits
that double; one that a person started fails at once with its sentence. What is worth
waiting for is decided by the asset. What nobody foresaw (a process that was killed for
want of memory, a full disk, a file that another held) is worth three tries in any step.
"""

import dagster as dg

from orchestration.progress import is_heard

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


def unforeseen() -> dg.RetryPolicy | None:
    """How a step is tried again that failed by no sentence of ours.

    After one, three and seven minutes; a failure with a sentence allows no retries.
    None for a command: somebody waits for it.
    """
    if is_heard():
        return None
    return dg.RetryPolicy(max_retries=3, delay=60, backoff=dg.Backoff.EXPONENTIAL)
