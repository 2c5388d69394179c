"""The grading engine behind nbgrader's own commands: students' code in sandboxed processes, judged from outside."""
