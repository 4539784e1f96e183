"""People's rights: what is held of a person, and erasing it everywhere."""
