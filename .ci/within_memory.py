"""Run a command and fail if it fails, or if it or a child of it needed more than so many MiB: ``within_memory.py MIB COMMAND…``."""

import resource
import subprocess
import sys

limit, command = int(sys.argv[1]), sys.argv[2:]
status = subprocess.run(command, check=False).returncode
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
print(f"peak memory {peak} MiB of {limit}")
sys.exit(status or int(peak > limit))
