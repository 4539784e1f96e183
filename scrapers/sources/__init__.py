"""One folder per source; no source imports another."""
