"""Private warehouse → published snapshot: the swap, the dictionary, the manifest, and queries on it."""
