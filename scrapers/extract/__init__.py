"""Pure helpers that read bytes and text: no network, no files, no settings.

What two sources share when they read belongs here; what one source alone knows
stays in its ``parse.py``.
"""
