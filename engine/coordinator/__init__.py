"""The coordinator: plan, phases, jobs, scene, snapshots, result."""
