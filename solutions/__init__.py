"""Reference solutions: each module is one lab notebook as text, importable."""
