"""The machine and its processes: resources, signals, children, clocks."""
