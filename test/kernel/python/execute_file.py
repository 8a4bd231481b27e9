"""Executes a notebook with nbclient and writes it: arguments are its file, the new file and the folder of Jupyter's data.

What a stream puts out arrives in pieces whose number is chance; those next to each other become one, as Jupyter's pages show them.
"""

import os
import sys

source, target, data = sys.argv[1:]
os.environ["JUPYTER_PATH"] = data

import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(source, as_version=4)
client = NotebookClient(
    notebook,
    timeout=300,
    kernel_name="cresset",
    record_timing=False,
    resources={"metadata": {"path": os.path.dirname(source)}},
)
client.execute()
for cell in notebook.cells:
    if cell.cell_type != "code":
        continue
    merged = []
    for output in cell.outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            merged.append(output)
    cell.outputs = merged
nbformat.write(notebook, target)
