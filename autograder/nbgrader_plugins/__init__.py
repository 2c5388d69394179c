"""What nbgrader_config.py names: preprocessors and exporters in the place of nbgrader's own."""
