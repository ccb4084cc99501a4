"""What is asked of a run: settings from files and flags, validated into one frozen value."""
