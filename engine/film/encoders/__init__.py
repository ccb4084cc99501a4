"""From frames to files of many formats."""
