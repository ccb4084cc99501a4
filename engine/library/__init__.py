"""The library: what `import engine` offers to programs."""
