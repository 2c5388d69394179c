"""What explorers are made of: controls above one picture that a student's function redraws."""
