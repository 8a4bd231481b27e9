"""Drives a kernel with Jupyter's own client: reads steps as JSON from standard input, writes what came back as JSON."""

import json
import queue
import sys
import time

from jupyter_client.manager import start_new_kernel

TIMEOUT = 110


class Driver:
    def __init__(self, kernel_name):
        self.manager, self.client = start_new_kernel(kernel_name=kernel_name, startup_timeout=TIMEOUT)
        self.iopub = []
        self.replies = {}

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()

    def pump(self, done):
        """Reads all channels until done()."""
        deadline = time.monotonic() + TIMEOUT
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError(json.dumps(self.iopub[-5:], default=str))
            for channel in ("iopub", "shell", "control", "stdin"):
                try:
                    message = getattr(self.client, f"get_{channel}_msg")(timeout=0.005)
                except queue.Empty:
                    continue
                if channel == "iopub":
                    self.iopub.append(message)
                elif channel == "stdin":
                    self.client.input("typed for " + message["content"]["prompt"].strip())
                else:
                    self.replies[message["parent_header"]["msg_id"]] = message

    def outputs(self, message_id):
        return [m for m in self.iopub if m["parent_header"].get("msg_id") == message_id]

    def idle(self, message_id):
        return any(m["msg_type"] == "status" and m["content"]["execution_state"] == "idle" for m in self.outputs(message_id))

    def send(self, channel, kind, content):
        message = self.client.session.msg(kind, content)
        getattr(self.client, channel + "_channel").send(message)
        return message["header"]["msg_id"]

    def finish(self, message_id):
        self.pump(lambda: message_id in self.replies and self.idle(message_id))
        messages = [{"type": m["msg_type"], "content": m["content"]} for m in self.outputs(message_id)]
        reply = self.replies[message_id]
        return {"type": reply["msg_type"], "reply": reply["content"], "messages": messages}

    # Steps: each takes the step's fields and returns what the test looks at.

    def execute(self, code, **options):
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {},
                   "allow_stdin": True, "stop_on_error": True, **options}
        return self.finish(self.send("shell", "execute_request", content))

    def burst(self, codes, **options):
        """Sends all before it reads any reply."""
        ids = [self.send("shell", "execute_request", {"code": code, "allow_stdin": False, **options}) for code in codes]
        return [self.finish(message_id) for message_id in ids]

    def request(self, kind, content, channel="shell"):
        return self.finish(self.send(channel, kind, content))

    def during(self, code, steps):
        """Starts a cell, waits until it prints or shows something, runs steps, then waits for its end."""
        message_id = self.send("shell", "execute_request", {"code": code, "allow_stdin": False})
        shown = ("stream", "display_data", "update_display_data")
        self.pump(lambda: any(m["msg_type"] in shown for m in self.outputs(message_id)))
        results = [self.step(step) for step in steps]
        return {"steps": results, "cell": self.finish(message_id)}

    def seen(self, kind):
        """Waits for a message of this type on iopub."""
        self.pump(lambda: any(m["msg_type"] == kind for m in self.iopub))
        return True

    def interrupt(self):
        self.manager.interrupt_kernel()

    def touch(self, path):
        open(path, "w").close()

    def heartbeat(self):
        time.sleep(1.5)
        return self.client.hb_channel.is_beating()

    def garbage(self):
        """Messages that no client should send."""
        socket = self.client.shell_channel.socket
        socket.send_multipart([b"nonsense"])
        socket.send_multipart([b"<IDS|MSG>", b"wrong signature", b"{}", b"{}", b"{}", b"{}"])
        session = self.client.session
        for parts in ([b"{", b"{}", b"{}", b"{}"], [b"[]", b"{}", b"{}", b"{}"], [b"{}", b"{}", b"{}", b"null"]):
            socket.send_multipart([b"<IDS|MSG>", session.sign(parts), *parts])
        self.send("shell", "no_such_request", {})

    def alive(self):
        return self.manager.is_alive()

    def step(self, step):
        (name, arguments), = step.items()
        return getattr(self, name)(**arguments)


def main():
    steps = json.load(sys.stdin)
    driver = Driver("cresset-test")
    try:
        results = [driver.step(step) for step in steps]
    finally:
        driver.close()
    json.dump(results, sys.stdout, default=str)


main()
