# Runs loaders in PyTorch: one JSON object a line in, what came of it a line out. The counterpart of loaders-run.ts, which says what the
# parts of an answer are.
import json
import os
import sys
import warnings

import torch
from torch.utils import data

warnings.filterwarnings("ignore")
# Workers that are left tell there of queues that were closed under them.
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
torch.set_num_threads(1)


def drawn(call, i):
    """What an item's recipe makes of its index."""
    kind, args = call["make"], call["args"]
    if kind == "index":
        return i
    if kind == "half":
        return i + 0.5
    if kind == "even":
        return i % 2 == 0
    if kind == "text":
        return "s%d" % i
    if kind == "full":
        return torch.full(args["shape"], i % 5, dtype=getattr(torch, args["dtype"]))
    if kind == "ragged":
        return torch.zeros(i % 2 + 1)
    if kind == "rand":
        return torch.rand(args["shape"])
    if kind == "die":
        return torch.randint(100, (1,)).item()
    if kind == "worker":
        info = data.get_worker_info()
        return "none" if info is None else "%d of %d, %d, %d" % (info.id, info.num_workers, info.seed, torch.initial_seed())
    if kind == "nothing":
        return None
    if kind == "failing":
        if i == args["at"]:
            raise ValueError("no item")
        return i
    if kind == "list":
        return [drawn(each, i) for each in args["of"]]
    return {name: drawn(each, i) for name, each in args.items()}


class Items(data.Dataset):
    def __init__(self, n, item):
        self.n, self.item, self.base = n, item, 0

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return drawn(self.item, i + self.base)


class Stream(data.IterableDataset):
    def __init__(self, n, item, shard):
        self.n, self.item, self.shard, self.base = n, item, shard, 0

    def __iter__(self):
        info = data.get_worker_info()
        start, step = (info.id, info.num_workers) if self.shard and info is not None else (0, 1)
        for i in range(start, self.n, step):
            yield drawn(self.item, i + self.base)


class SizedStream(Stream):
    def __len__(self):
        return self.n


class Backwards(data.Sampler):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(range(self.n - 1, -1, -1))

    def __len__(self):
        return self.n


def init_draw(worker):
    torch.rand(worker + 1)


def init_seed(worker):
    torch.manual_seed(worker)


def init_shift(worker):
    dataset = data.get_worker_info().dataset
    if hasattr(dataset, "base"):
        dataset.base = 100 * (worker + 1)


def init_fail(worker):
    if worker == 1:
        raise ValueError("no worker")


def identity(x):
    return x


functions = {"draw": init_draw, "seed": init_seed, "shift": init_shift, "fail": init_fail, "identity": identity, "count": len}


def made(value, generators):
    """The object that a call of a program makes; other values are themselves."""
    if isinstance(value, list):
        return [made(each, generators) for each in value]
    if not isinstance(value, dict):
        return value
    kind, args = value["make"], value["args"]
    if kind == "generator":
        return generators[args["at"]]
    if kind == "function":
        return functions[args["name"]]
    if kind in ("Items", "Stream", "SizedStream"):
        return globals()[kind](**args)
    args = {name: made(each, generators) for name, each in args.items()}
    if kind == "range":
        return list(range(args["n"]))
    if kind == "rows":
        return torch.arange(args["n"] * 2).view(args["n"], 2)
    if kind == "TensorDataset":
        return data.TensorDataset(*[torch.arange(n) + 10 * k for k, n in enumerate(args["sizes"])])
    if kind == "Backwards":
        return Backwards(**args)
    if kind == "randomSplit":
        part = args.pop("part")
        return data.random_split(**args)[part]
    names = {"dataSource": "data_source", "numSamples": "num_samples", "batchSize": "batch_size", "dropLast": "drop_last"}
    names.update({"batchSampler": "batch_sampler", "numWorkers": "num_workers", "collateFn": "collate_fn"})
    names.update({"workerInitFn": "worker_init_fn", "prefetchFactor": "prefetch_factor", "pinMemory": "pin_memory"})
    names.update({"persistentWorkers": "persistent_workers"})
    return getattr(data, kind)(**{names.get(name, name): each for name, each in args.items()})


def dump(x):
    if isinstance(x, torch.Tensor):
        return ["tensor", str(x.dtype), list(x.shape), x.flatten().tolist()]
    if isinstance(x, (list, tuple)):
        return ["list"] + [dump(each) for each in x]
    if isinstance(x, dict):
        return ["dict"] + [[name, dump(each)] for name, each in x.items()]
    return x


def run(program):
    torch.manual_seed(program["seed"])
    generators = [torch.Generator().manual_seed(seed) for seed in program["generators"]]
    try:
        loader = made(program["loader"], generators)
    except Exception as error:
        return {"built": False, "error": repr(error)}
    try:
        length = len(loader)
    except Exception:
        length = None
    passes, failed = [], None
    for stop in program["passes"]:
        batches = []
        passes.append(batches)
        try:
            iterator = iter(loader)
            while len(batches) != stop:
                batches.append(dump(next(iterator)))
        except StopIteration:
            pass
        except Exception as error:
            failed = repr(error)[:2000]
            break
        iterator = None
    loader = iterator = None
    after = [torch.rand(1).item()] + [torch.rand(1, generator=generator).item() for generator in generators]
    return {"built": True, "length": length, "passes": passes, "error": failed, "after": after}


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
