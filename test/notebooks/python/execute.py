"""Executes a notebook with nbclient, with one more cell at its end; prints what its cells put out as JSON."""

import json
import sys

import nbformat
from nbclient import NotebookClient

asked = json.load(sys.stdin)
notebook = nbformat.read(asked["notebook"], as_version=4)
nbformat.validate(notebook)
notebook.cells.append(nbformat.v4.new_code_cell(asked["last"]))
NotebookClient(notebook, timeout=asked["seconds"], resources={"metadata": {"path": asked["cwd"]}}).execute()
json.dump([cell.outputs for cell in notebook.cells if cell.cell_type == "code"], sys.stdout)
