"""The child process that runs a step: ``python -m ohmscape.centre.execute``.

Its arguments are one JSON object: step, parameters. What the step returns goes to record.json in
the present folder, an error of ours to refused.json.
"""

import json
import sys
from pathlib import Path
from typing import Any

from ohmscape.centre.steps import made
from ohmscape.errors import OhmscapeError
from ohmscape.workflow.plain import plain, to_json


def execute(told: dict[str, Any]) -> None:
    """Run a step and write what it returns."""
    try:
        record = made(told["step"], told["parameters"]).run()
    except OhmscapeError as error:
        Path("refused.json").write_text(to_json({"reason": str(error)}), encoding="utf-8")
        return
    Path("record.json").write_text(to_json(plain(record)), encoding="utf-8")


if __name__ == "__main__":
    execute(json.loads(sys.argv[1]))
