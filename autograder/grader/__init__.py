"""Judge one function: exercises, cases, reports, diagnosis. Nothing here is about one lab."""
