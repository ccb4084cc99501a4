"""Plug-ins that paint: one package each."""
