"""The growing neural gas painter (Fritzke 1995): a net of nodes that grows into the target's ink."""
