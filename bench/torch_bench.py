"""The workloads of workloads.ts in PyTorch, under the same names, with the same sizes and dtypes.

Usage: /usr/bin/python3 torch_bench.py NAME [--threads 2] [--min-time 0.5] [--device cpu]
Prints one line of JSON: {"ms": median, "min": …, "max": …, "repeats": …} of one workload, in milliseconds per operation.
"""

import argparse
import atexit
import json
import statistics
import subprocess
import sys
import tempfile
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset

SIXTEEN_MILLION = 1 << 24
SMALL_REPEATS = 1000


def large(body, count):
    """A body over `count` vectors of 16 M random float32 numbers."""
    return lambda: (lambda inputs: (lambda: body(*inputs)))([torch.randn(SIXTEEN_MILLION) for _ in range(count)])


def matmul_1024():
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    return lambda: a @ b


def of_matrices(shape, body, definite=False):
    """A body over one batch of random float32 matrices, symmetric and positive-definite on request."""

    def setup():
        drawn = torch.randn(shape)
        n = shape[-1]
        a = drawn @ drawn.mT + torch.eye(n) * n if definite else drawn
        return lambda: body(a)

    return setup


def small_add():
    x = torch.randn(4)

    def body():
        for _ in range(SMALL_REPEATS):
            x + x

    return body


def small_softmax():
    x = torch.randn(4)

    def body():
        for _ in range(SMALL_REPEATS):
            x.softmax(0)

    return body


def threads8():
    torch.set_num_threads(8)
    small, large = torch.randn(1 << 17), torch.randn(1 << 20)

    def body():
        for _ in range(20):
            small + small
            large + large

    return body


def small_chain_backward():
    def body():
        x = torch.tensor([0.1, 0.2, 0.3, 0.4], requires_grad=True)
        y = torch.tanh(x * 0.5 + 1)
        y = torch.sigmoid(y * x) - 0.1
        (torch.exp(y).neg() * 2).sum().backward()

    return body


def training_step(model, optimizer, x, target):
    def body():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), target).backward()
        optimizer.step()

    return body


def mlp_step():
    model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    return training_step(model, optimizer, torch.randn(64, 784), torch.randint(0, 10, (64,)))


def lenet_step():
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    return training_step(model, optimizer, torch.randn(64, 1, 28, 28), torch.randint(0, 10, (64,)))


def dataloader_60k():
    data = TensorDataset(torch.rand(60000, 1, 28, 28), torch.randint(0, 10, (60000,)))
    loader = DataLoader(data, batch_size=64, shuffle=True)
    return lambda: pass_over(loader)


class Decoded(Dataset):
    def __len__(self):
        return 640

    def __getitem__(self, index):
        end = time.perf_counter() + 1e-3
        while time.perf_counter() < end:
            pass
        return torch.full((3, 32, 32), float(index))


def decode_1ms(**options):
    return lambda: lambda: pass_over(DataLoader(Decoded(), batch_size=32, **options))


class Photos(Dataset):
    def __init__(self, image, paths):
        self.image, self.paths = image, paths
        self.mean = torch.tensor([0.485, 0.456, 0.406]).view(-1, 1, 1)
        self.std = torch.tensor([0.229, 0.224, 0.225]).view(-1, 1, 1)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        import numpy
        resized = self.image.open(self.paths[index]).convert("RGB").resize((224, 224), self.image.BILINEAR)
        pixels = torch.from_numpy(numpy.array(resized)).permute(2, 0, 1).contiguous()
        return pixels.float().div(255).sub_(self.mean).div_(self.std)


def images_600():
    try:
        from PIL import Image
    except ImportError:
        print("no Pillow for this Python (package python3-pil): no PyTorch beside images_600_2_workers", file=sys.stderr)
        sys.exit(3)
    path, paths = bench_file(), []
    for k in range(600):
        shapes = F.interpolate(torch.rand(1, 3, 16, 16), size=(256, 256), mode="bilinear").squeeze(0)
        pixels = (shapes * 230 + torch.rand(3, 256, 256) * 25).to(torch.uint8)
        paths.append("%s.%d.jpg" % (path, k))
        Image.fromarray(pixels.permute(1, 2, 0).contiguous().numpy()).save(paths[-1], quality=90)
    loader = DataLoader(Photos(Image, paths), batch_size=32, num_workers=2, persistent_workers=True)
    return lambda: pass_over(loader)


def pass_over(loader):
    for _ in loader:
        pass


def large_state():
    return {f"layers.{k}.weight": torch.randn(1024, 1024) for k in range(25)}


def bench_file():
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return folder.name + "/state.pt"


def save_100mb():
    state, file = large_state(), bench_file()
    return lambda: torch.save(state, file)


def load_100mb():
    model, file = large_state(), bench_file()
    torch.save(large_state(), file)

    def body():
        for name, tensor in torch.load(file).items():
            model[name].copy_(tensor)

    return body


def open_1gb():
    file = bench_file()
    torch.save({"large": torch.zeros(1 << 28), "small": torch.ones(3)}, file)
    return lambda: torch.load(file)["small"].sum().item()


def import_package():
    return lambda: subprocess.run([sys.executable, "-c", "import torch"], check=True)


# name: (set-up that returns the body to time, operations in one body)
WORKLOADS = {
    "add_16M": (large(lambda x, y: x + y, 2), 1),
    "exp_16M": (large(torch.exp, 1), 1),
    "chain_16M": (large(lambda x, y, z: (torch.relu(x * y + z) * 2).sum(), 3), 1),
    "sum_16M": (large(torch.sum, 1), 1),
    "matmul_1024_f32": (matmul_1024, 1),
    "svd_512": (of_matrices((512, 512), torch.linalg.svd), 1),
    "eigh_512": (of_matrices((512, 512), torch.linalg.eigh, True), 1),
    "solve_1024": (of_matrices((1024, 1024), lambda a: torch.linalg.solve(a, a), True), 1),
    "cholesky_1024": (of_matrices((1024, 1024), torch.linalg.cholesky, True), 1),
    "qr_1024": (of_matrices((1024, 1024), torch.linalg.qr), 1),
    "inverse_4096x8x8": (of_matrices((4096, 8, 8), torch.linalg.inv, True), 1),
    "small_add": (small_add, SMALL_REPEATS),
    "small_softmax": (small_softmax, SMALL_REPEATS),
    "threads8": (threads8, 1),
    "small_chain_backward": (small_chain_backward, 1),
    "mlp_step": (mlp_step, 1),
    "lenet_step": (lenet_step, 1),
    "dataloader_60k": (dataloader_60k, 1),
    "decode_1ms": (decode_1ms(), 1),
    "decode_1ms_2_workers": (decode_1ms(num_workers=2), 1),
    "images_600_2_workers": (images_600, 1),
    "state_dict_save_100MB": (save_100mb, 1),
    "state_dict_load_100MB": (load_100mb, 1),
    "open_1GB": (open_1gb, 1),
    "import": (import_package, 1),
}


def measure(body, min_time, wait):
    for _ in range(2):
        body()
    wait()
    times, start = [], time.perf_counter()
    while len(times) < 5 or (time.perf_counter() - start < min_time and len(times) < 5000):
        before = time.perf_counter()
        body()
        wait()
        times.append((time.perf_counter() - before) * 1e3)
    return times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=list(WORKLOADS))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--min-time", type=float, default=0.5)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    on_gpu = options.device.startswith("cuda")
    if on_gpu:
        torch.set_default_tensor_type(torch.cuda.FloatTensor)
    setup, operations = WORKLOADS[options.name]
    times = measure(setup(), options.min_time, torch.cuda.synchronize if on_gpu else lambda: None)
    print(json.dumps({
        "ms": statistics.median(times) / operations, "min": min(times) / operations, "max": max(times) / operations,
        "repeats": len(times)}))


main()
