# Runs programs of statements in PyTorch: one JSON object a line in, what came of it a line out. The counterpart of statements-run.ts,
# which says what the parts of an answer are.
import copy
import json
import math
import re
import sys
import warnings

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
# Its gradient of gelu is left unwritten where the memory of gradient and input differ in order.
torch._C._set_mkldnn_enabled(False)

codes = {}


class Variables:
    pass


def code_of(text):
    code = codes.get(text)
    if code is None:
        code = compile(text, "statement", "exec")
        if len(codes) < 20000:
            codes[text] = code
    return code


def parts(v):
    """Everything to look at: names and values of variables, of the elements of lists, and of gradients."""
    for name, x in vars(v).items():
        if isinstance(x, (list, tuple)):
            for i, each in enumerate(x):
                yield f"{name}[{i}]", each
        else:
            yield name, x
            if isinstance(x, torch.Tensor) and (leaf(x)[0] is not False or x.retains_grad) and x.grad is not None:
                yield name + ".grad", x.grad
            elif isinstance(x, nn.Module) and not name.startswith("net"):
                for key, p in x.named_parameters():
                    yield f"{name}.{key}", p
                    if p.grad is not None:
                        yield f"{name}.{key}.grad", p.grad
                for key, p in x.named_buffers():
                    yield f"{name}.{key}", p


def leaf(x):
    try:
        return x.is_leaf, x.grad_fn.name() if x.grad_fn is not None else None
    except RuntimeError:
        return None, "raises"


class Watch:
    """What changed since the last look."""

    def __init__(self):
        self.last = {}
        self.first = {}

    def writes(self, name, x):
        """Writes in place since the tensor was first seen under this name."""
        first = self.first.get(name)
        if first is None or first[0] is not x:
            first = self.first[name] = x, x._version
        return x._version - first[1]

    def look(self, v):
        places, objects, seen, changes = {}, {}, set(), {}
        for name, x in parts(v):
            seen.add(name)
            if isinstance(x, torch.Tensor):
                is_leaf, node = leaf(x)
                empty = x.numel() == 0
                now = (
                    list(x.shape),
                    list(x.stride()),
                    str(x.dtype)[6:],
                    x.requires_grad,
                    is_leaf,
                    self.writes(name, x),
                    node,
                    x.detach().reshape(-1).tolist(),
                    "" if empty else places.setdefault(x._storage().data_ptr(), name),
                    objects.setdefault(id(x), name),
                )
            elif x is None or isinstance(x, (bool, int, float, str)):
                now = x
            else:
                continue
            if name not in self.last or self.last[name] != now:
                self.last[name] = changes[name] = now
        for name in [name for name in self.last if name not in seen]:
            del self.last[name]
            self.first.pop(name, None)
            changes[name] = None
        return changes


# Errors of backward about what its nodes have saved.
SAVED = re.compile("modified by an inplace operation|backward through the graph a second time|modified inplace")


def run(program, dtype, watch_all, blamed=None):
    """What came of every statement. With `blamed`, only up to this one: the node whose backward raises there."""
    torch.set_default_dtype(dtype)
    torch.manual_seed(program.get("seed", 0))
    v = Variables()
    scope = {"v": v, "torch": torch, "F": F, "nn": nn, "optim": optim, "copy": copy}
    watch = Watch()
    steps = []
    statements, every = program["statements"], program["every"]
    for k, text in enumerate(statements):
        if k == blamed:
            return raising_node(v, code_of(text), scope)
        error = None
        try:
            exec(code_of(text), scope)
        except Exception as raised:
            error = f"{type(raised).__name__}: {str(raised)[:300]}"
            if blamed is None and SAVED.search(error):
                error += run(program, dtype, watch_all, blamed=k)
        look = (watch_all and k % every == 0) or k == len(statements) - 1
        steps.append([error, watch.look(v) if look else {}])
    return steps


def raising_node(v, code, scope):
    """The node in whose backward a statement raises, and whether it is of no operand that requires grad."""
    nodes = nodes_of(v)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with torch.autograd.set_detect_anomaly(True, check_nan=False):
            try:
                exec(code, scope)
            except Exception:
                pass
    for warning in told:
        found = re.match(r"Error detected in (\w+)", str(warning.message))
        if found:
            edges = [node.next_functions for node in nodes if node.name() == found[1]]
            alone = any(all(operand is None for operand, _ in each) for each in edges)
            return f" [in {found[1]}{', of no operand' if alone else ''}]"
    return ""


def nodes_of(v):
    """The nodes of the graphs that variables are results of."""
    left, seen = [], set()
    for _, x in parts(v):
        try:
            if isinstance(x, torch.Tensor):
                left.append(x.grad_fn)
        except RuntimeError:
            pass
    while left:
        node = left.pop()
        if node is not None and node not in seen:
            seen.add(node)
            left.extend(operand for operand, _ in node.next_functions)
    return seen


# Operators whose results are not rounded: they make tensors or copy elements.
EXACT = re.compile(
    "alias|_?(to_)?cop(y|y_to)_?|_to_copy|clone|detach|(new_)?(empty|zeros|ones|full)(_like|_strided)*|fill_?|zero_?|"
    "cat|stack|index_select|index|gather|where|one_hot|eye|arange|tril|triu|flip|roll|repeat|constant_pad_nd|"
    "a?(max|min)(imum)?|clamp.*|relu_?|sign|abs|neg|floor|ceil|round|trunc|sort|topk|kthvalue"
)


class Shaken(TorchDispatchMode):
    """Monte Carlo arithmetic: moves every element that an operator has rounded, forward and backward, and every literal, by up to four roundings."""

    def __init__(self, seed, dtype):
        super().__init__()
        self.dtype = dtype
        self.size = 2 * torch.finfo(dtype).eps
        self.generator = torch.Generator().manual_seed(seed)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        results = func(*args, **(kwargs or {}))
        name = func._schema.name.partition("::")[2]
        if EXACT.fullmatch(name):
            return results
        given = set()
        if not any(each.alias_info is not None and each.alias_info.is_write for each in func._schema.arguments):
            given = {memory(x) for x in tree_flatten((args, kwargs))[0] if isinstance(x, torch.Tensor)}
        for x in tree_flatten(results)[0]:
            literal = name == "lift_fresh"
            if isinstance(x, torch.Tensor) and x.dtype == self.dtype and (literal or memory(x) not in given):
                self.shake(x)
        return results

    def shake(self, x):
        by = torch.empty(x.shape, dtype=self.dtype).uniform_(1 - self.size, 1 + self.size, generator=self.generator)
        x.copy_(x * by)


def memory(x):
    return x.storage().data_ptr()


def shaken(program, dtype, seed):
    """What comes of a program with other roundings, when it has ended."""
    with Shaken(seed, dtype):
        return run(program, dtype, False)


def answer(program):
    if "shaken" in program:
        seeds = range(program["shaken"])
        rounded = [{name: shaken(program, getattr(torch, name), seed) for name in program["dtypes"]} for seed in seeds]
        return json.dumps(finite(rounded))
    outcome = {dtype: run(program, getattr(torch, dtype), dtype == "float64") for dtype in program["dtypes"]}
    text = json.dumps(outcome)
    if "NaN" in text or "Infinity" in text:
        text = json.dumps(finite(outcome))
    return text


def finite(x):
    if isinstance(x, float) and not math.isfinite(x):
        return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"
    if isinstance(x, dict):
        return {key: finite(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return [finite(value) for value in x]
    return x


for line in sys.stdin:
    print(answer(json.loads(line)), flush=True)
