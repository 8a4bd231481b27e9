# Runs programs of statements in PyTorch: one JSON object a line in, what came of it a line out. The counterpart of statements-run.ts.
import json
import math
import sys
import types
import warnings

import torch
import torch.nn.functional as F
from torch import nn, optim

warnings.filterwarnings("ignore")
torch.set_num_threads(1)

code_cache = {}


def number(x):
    if isinstance(x, float) and not math.isfinite(x):
        return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"
    return x


def values_of(x):
    return [number(v) for v in x.detach().reshape(-1).tolist()]


def place(x):
    return x.storage().data_ptr() if x.numel() > 0 else 0


def described(x, versions, name):
    fn = x.grad_fn
    grad = None
    if x.is_leaf or x.retains_grad:
        grad = x.grad
    return {
        "shape": list(x.shape),
        "strides": list(x.stride()),
        "dtype": str(x.dtype)[6:],
        "requiresGrad": x.requires_grad,
        "isLeaf": x.is_leaf,
        "version": x._version - versions.get(name, 0),
        "node": None if fn is None else fn.name(),
        "values": values_of(x),
        "grad": None if grad is None else values_of(grad),
        "place": place(x),
        "gradPlace": 0 if grad is None else place(grad),
    }


def run(program):
    v = types.SimpleNamespace()
    scope = {"v": v, "torch": torch, "F": F, "nn": nn, "optim": optim}
    torch.manual_seed(program.get("seed", 0))
    errors = []
    versions = {}
    for statement in program["statements"]:
        text = statement["python"]
        code = code_cache.get(text)
        if code is None:
            code = compile(text, "statement", "exec")
            if len(code_cache) < 20000:
                code_cache[text] = code
        try:
            exec(code, scope)
            errors.append(None)
        except Exception as error:
            errors.append(f"{type(error).__name__}: {str(error)[:300]}")
            continue
        for name in statement["out"]:
            x = getattr(v, name, None)
            if isinstance(x, torch.Tensor):
                versions[name] = x._version
    found = {}
    for name, x in sorted(vars(v).items()):
        if isinstance(x, torch.Tensor):
            try:
                found[name] = described(x, versions, name)
            except Exception as error:
                found[name] = {"error": str(error)[:300]}
        elif isinstance(x, (bool, int, float)):
            found[name] = {"number": number(x)}
        elif isinstance(x, nn.Module):
            found[name] = {"text": repr(x)}
    return {"errors": errors, "variables": found}


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
