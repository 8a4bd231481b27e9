"""Drives a kernel with Jupyter's own client: reads steps as JSON from standard input, writes what came back as JSON."""

import hashlib
import json
import queue
import signal
import sys
import time

from jupyter_client.manager import start_new_kernel

TIMEOUT = 110


class Driver:
    def __init__(self, kernel_name):
        self.kernel_name = kernel_name
        self.manager, self.client = start_new_kernel(kernel_name=kernel_name, startup_timeout=TIMEOUT)
        self.iopub = []
        self.asked = []
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
                    self.asked.append(message["content"])
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

    def during(self, code, steps, **options):
        """Starts a cell, waits until it prints or shows something, runs steps, then waits for its end."""
        message_id = self.send("shell", "execute_request", {"code": code, "allow_stdin": False, **options})
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
        """Messages that no client should send, on every socket that takes messages."""
        session = self.client.session
        header = json.dumps({"msg_id": "x", "msg_type": "execute_request", "session": "s"}).encode()
        unsigned = [b"<IDS|MSG>", b"wrong signature", header, b"{}", b"{}", b'{"code": "globalThis.forged = 1"}']
        signed = (
            [b"{", b"{}", b"{}", b"{}"],
            [b"[]", b"{}", b"{}", b"{}"],
            [b"\xff\xfe", b"{}", b"{}", b"{}"],
            [b"{}", b"{}", b"{}", b"null"],
            [b'{"msg_id": 1, "msg_type": []}', b"{}", b"{}", b"{}"],
            [b"[" * 100_000, b"{}", b"{}", b"{}"],
        )
        for channel in ("shell", "control", "stdin"):
            socket = getattr(self.client, channel + "_channel").socket
            socket.send_multipart([b"nonsense"])
            socket.send_multipart([b"", b"<IDS|MSG>"])
            socket.send_multipart([b"x" * (1 << 24)])
            socket.send_multipart(unsigned)
            socket.send_multipart(unsigned[:-1])
            for parts in signed:
                socket.send_multipart([b"<IDS|MSG>", session.sign(parts), *parts])
            self.send(channel, "no_such_request", {})
            self.send(channel, "constructor", {})
            self.send(channel, "input_reply", {"value": {"not": "a text"}})

    def fresh(self):
        """Ends the kernel and goes on with another."""
        self.close()
        self.__init__(self.kernel_name)

    def leave(self, code, **content):
        """Starts a cell that prints, asks the kernel to end, and waits until it has; what it said of that."""
        running = self.send("shell", "execute_request", {"code": code})
        self.pump(lambda: any(m["msg_type"] == "stream" for m in self.outputs(running)))
        message_id = self.send("control", "shutdown_request", content)
        told = lambda: [m["content"] for m in self.iopub if m["msg_type"] == "shutdown_reply"]
        # What it said last may still be unread when it is gone.
        self.pump(lambda: message_id in self.replies and told() and not self.manager.is_alive())
        return {"reply": self.replies[message_id]["content"], "told": told()}

    def signal(self):
        """What Ctrl-C in a terminal and the interrupt mode "signal" send."""
        self.manager.signal_kernel(signal.SIGINT)

    def forget(self):
        """Sends messages of comms that are not there; none has a reply."""
        self.send("shell", "comm_msg", {"comm_id": "gone", "data": {}})
        self.send("shell", "comm_close", {"comm_id": "gone", "data": {}})

    def comm_open(self, comm_id):
        content = {"comm_id": comm_id, "target_name": "nowhere", "data": {}}
        message_id = self.send("shell", "comm_open", content)
        self.pump(lambda: self.idle(message_id))
        return [{"type": m["msg_type"], "content": m["content"]} for m in self.outputs(message_id)]

    def flood(self, code, pause=0.0):
        """Runs a cell that prints, reading with pauses; what it printed as a digest, and the most memory of the kernel's front process."""
        message_id = self.send("shell", "execute_request", {"code": code})
        digest, length, memory = hashlib.sha256(), 0, 0
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != message_id:
                continue
            if message["msg_type"] == "stream":
                text = message["content"]["text"].encode()
                digest.update(text)
                length += len(text)
                memory = max(memory, self.memory())
                time.sleep(pause)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return {"digest": digest.hexdigest(), "length": length, "memory": memory}

    def memory(self):
        """Megabytes that the kernel's front process has."""
        with open(f"/proc/{self.manager.provisioner.pid}/statm") as file:
            return int(file.read().split()[1]) * 4096 >> 20

    def unread(self, code, enough):
        """Runs a cell that prints for ever, reads nothing until the kernel holds it, and then interrupts it."""
        before = self.memory()
        message_id = self.send("shell", "execute_request", {"code": code})
        while self.memory() < before + enough:
            time.sleep(0.05)
        time.sleep(1)
        held = self.memory()
        time.sleep(1)
        grown = self.memory() - held
        self.manager.interrupt_kernel()
        reply = self.client.get_shell_msg(timeout=TIMEOUT)
        while reply["parent_header"].get("msg_id") != message_id:
            reply = self.client.get_shell_msg(timeout=TIMEOUT)
        return {"grown": grown, "memory": held, "reply": reply["content"]}

    def questions(self):
        """All that was asked so far."""
        return self.asked

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
