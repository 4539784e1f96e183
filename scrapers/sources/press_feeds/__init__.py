"""Press and news feeds of the watched companies."""
