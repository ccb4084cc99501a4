"""Programs around Tessera, for its developers."""
