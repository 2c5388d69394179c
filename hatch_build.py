"""What the wheel brings for students' Jupyter, beside the package; teachers' editable install does without."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INTO_ENVIRONMENT = {
    "server.json": "etc/jupyter/jupyter_server_config.d/rcnn-by-hand.json",
    "page.json": "etc/jupyter/labconfig/page_config.d/rcnn-by-hand.json",
    "startup.py": "etc/ipython/startup/50-rcnn-by-hand.py",
}


class StudentsJupyter(BuildHookInterface):
    """Without formgrader, Create Assignment and Course List; with a hint after a restart."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to a wheel that is no editable one."""
        if version == "standard":
            for name, place in INTO_ENVIRONMENT.items():
                build_data["shared_data"][f"course/jupyter_config/{name}"] = place
