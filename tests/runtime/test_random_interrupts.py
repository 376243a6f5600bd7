"""Ctrl-C at random times, in a process that fits again and again."""

import os
import random
import runpy
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("interrupted_runs.py")
TRIES = int(os.environ.get("SKNN_TIPS_CASES", "3"))
# Usually a few hundredths, and with large steps the time of one; the bound is for a busy machine.
SECONDS = 20

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Windows cannot send Ctrl-C to one process"),
]


@pytest.mark.parametrize("kind", runpy.run_path(str(SCRIPT))["KINDS"])
def test_ctrl_c_at_random_times(kind):
    draw = random.Random(kind)
    command = [sys.executable, str(SCRIPT), kind, str(TRIES)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            for _ in range(TRIES):
                assert process.stdout.readline() == "go\n"
                time.sleep(draw.uniform(0, draw.choice([0.02, 0.2, 0.7])))
                pressed = time.time()
                process.send_signal(signal.SIGINT)
                assert select.select([process.stdout], [], [], 60)[0], "Ctrl-C was lost"
                when, *others = process.stdout.readline().split()
                assert others == ["interrupted", "0", "True", "True", "True"]
                assert float(when) - pressed < SECONDS
        finally:
            process.kill()
