"""Everything that waits on the world: the practice market, recordings, and later exchanges."""
