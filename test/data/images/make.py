"""Writes the pictures of this folder with Pillow, and pixels.json: what Pillow reads from them, by mode, in base64."""

import base64
import json
import os
import random

from PIL import Image

random.seed(1)
folder = os.path.dirname(os.path.abspath(__file__))
expected = {}


def noise(mode, width=7, height=5):
    return Image.frombytes(mode, (width, height), random.randbytes(width * height * len(mode)))


def smooth():
    return noise("RGB", 4, 4).resize((20, 12), Image.BICUBIC)


def keep(name, image, **options):
    path = os.path.join(folder, name)
    image.save(path, **options)
    read = Image.open(path)
    modes = ["L", "RGB"] if name.endswith("jpg") else ["L", "LA", "RGB", "RGBA"]
    pixels = {mode: base64.b64encode(read.convert(mode).tobytes()).decode() for mode in modes}
    expected[name] = {"size": read.size, "mode": read.mode, "pixels": pixels}


keep("grey.png", noise("L"))
keep("grey-alpha.png", noise("LA"))
keep("colour.png", noise("RGB"))
keep("colour-alpha.png", noise("RGBA"))
keep("palette.png", noise("RGB").quantize(8))
keep("palette-alpha.png", noise("RGB").quantize(8), transparency=0)
keep("two-levels.png", noise("L").convert("1"))
keep("grey-transparent.png", noise("L"), transparency=5)
keep("colour.jpg", smooth(), quality=90, subsampling=0)
keep("subsampled.jpg", smooth(), quality=75)
keep("progressive.jpg", smooth(), quality=75, progressive=True)
keep("grey.jpg", smooth().convert("L"), quality=90)
keep("inks.jpg", smooth().convert("CMYK"), quality=90)
Image.frombytes("I;16", (7, 5), random.randbytes(70)).save(os.path.join(folder, "deep.png"))

with open(os.path.join(folder, "pixels.json"), "w") as file:
    json.dump(expected, file, indent=2)
    file.write("\n")
