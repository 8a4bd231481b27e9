"""Times a kernel through Jupyter's own client: from its start to its first reply, cells after that, and what its processes hold.

Prints one line of JSON: milliseconds, and megabytes (proportional set size of the kernel and all its children).
"""

import argparse
import json
import os
import statistics
import time

from jupyter_client.manager import KernelManager


def family(pid):
    """A process and all below it."""
    found = [pid]
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        for child in children.read().split():
            found += family(int(child))
    return found


def megabytes(pid):
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) / 1024


class Kernel:
    """A kernel that has answered its first cell; `first` is the time that took, in seconds."""

    def __init__(self, name):
        start = time.perf_counter()
        self.manager = KernelManager(kernel_name=name)
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        reply = self.run("1 + 1")
        self.first = time.perf_counter() - start
        if reply["status"] != "ok":
            raise SystemExit(json.dumps(reply))

    def run(self, code):
        sent = self.client.execute(code)
        while True:
            reply = self.client.get_shell_msg(timeout=120)
            if reply["parent_header"].get("msg_id") == sent:
                return reply["content"]

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--cells", type=int, default=100)
    arguments = parser.parse_args()

    # The first start of a process also loads parts of Jupyter's client, for whatever kernel.
    Kernel(arguments.kernel).close()
    kernel = Kernel(arguments.kernel)
    try:
        times = []
        for i in range(arguments.cells):
            before = time.perf_counter()
            kernel.run(f"{i} + 1")
            times.append(time.perf_counter() - before)
        # Long enough for what a kernel tidies up when nobody waits.
        time.sleep(3)
        held = sum(map(megabytes, family(kernel.manager.provisioner.pid)))
        print(json.dumps({"first": kernel.first * 1000, "cell": statistics.median(times) * 1000, "memory": held}))
    finally:
        kernel.close()


main()
