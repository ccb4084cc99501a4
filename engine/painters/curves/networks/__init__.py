"""Pretrained networks, through one small seam; the only packages of the engine that import torch."""
