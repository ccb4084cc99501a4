"""Many runs, one after the other."""
