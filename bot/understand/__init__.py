"""What people said, normalised: numbers, phones, names, times, places. Pure functions, one small module each."""
