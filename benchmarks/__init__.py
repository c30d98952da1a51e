"""Speed as a ratio to a rival in the same run; never an absolute time, since machines differ and are shared."""
