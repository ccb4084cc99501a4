"""Run folders: what a run keeps on the disk, and how it is read again."""
