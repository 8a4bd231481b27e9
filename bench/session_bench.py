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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--cells", type=int, default=100)
    arguments = parser.parse_args()

    start = time.perf_counter()
    manager = KernelManager(kernel_name=arguments.kernel)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()

    def run(code):
        sent = client.execute(code)
        while True:
            reply = client.get_shell_msg(timeout=120)
            if reply["parent_header"].get("msg_id") == sent:
                return reply["content"]

    try:
        reply = run("1 + 1")
        first = time.perf_counter() - start
        if reply["status"] != "ok":
            raise SystemExit(json.dumps(reply))
        times = []
        for i in range(arguments.cells):
            before = time.perf_counter()
            run(f"{i} + 1")
            times.append(time.perf_counter() - before)
        # Long enough for what a kernel tidies up when nobody waits.
        time.sleep(3)
        held = sum(map(megabytes, family(manager.provisioner.pid)))
        print(json.dumps({"first": first * 1000, "cell": statistics.median(times) * 1000, "memory": held}))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


main()
