"""From snapshots to frames, and from frames to a film."""
