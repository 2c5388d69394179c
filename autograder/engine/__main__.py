"""The process that judges a class, started by nbgrader's own, with settings as one JSON object on the command line.

It starts the preloaded process before it imports anything large, so that both import side by side.
"""

import contextlib
import gc
import json
import os
import sys
from pathlib import Path

from autograder import spec
from autograder.engine.fork_client import Preloaded, SandboxError, remove_leftovers
from autograder.engine.processes import end_with_parent
from autograder.student.fork_server import refuse_threads
from autograder.student.slim_imports import leave_out


def main() -> None:
    """Serve until standard input ends."""
    settings = json.loads(sys.argv[1])
    if sys.platform.startswith("linux"):
        end_with_parent()
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    remove_leftovers()
    with contextlib.closing(Preloaded(settings["sandboxed"])) as preloaded:
        gc.disable()  # while importing; the pool enables it
        leave_out()
        from autograder.engine.allowed_functions import prepare
        from autograder.engine.pool import Pool
        from autograder.engine.results import Results
        from autograder.engine.trial import attempt

        spec.current().load()
        prepare()
        refuse_threads()
        try:
            preloaded.wait()
            attempt(preloaded.address)
        except SandboxError as error:
            print(json.dumps({"failed": str(error)}), flush=True)
            sys.exit(1)
        print(json.dumps({"ready": True}), flush=True)
        with contextlib.closing(Pool(Results(Path(settings["results"])), preloaded, settings["cores"])) as pool:
            pool.serve()


if __name__ == "__main__":
    main()
