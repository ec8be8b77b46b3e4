"""Storage of container engines: made by hand, in the form that buildah 1.28 (containers/storage 1.43) leaves it in."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import made_images as made

Tree = dict[str, str | bytes]


class Storage:
    """A graph root that grows. Layers are given as what is in their folders; for vfs that is all there is so far."""

    def __init__(self, root: Path, driver: str = "overlay") -> None:
        self.root = root
        self.driver = driver
        self.images: list[dict[str, Any]] = []
        self.layers: list[dict[str, Any]] = []
        self.conf = root.parent / f"{driver}.conf"
        self.conf.write_text(f'[storage]\ndriver = "{driver}"\ngraphroot = "{root}"\nrunroot = "{root}-run"\n')

    def image(self, name: str, *trees: Tree, **config: Any) -> str:
        parent = ""
        for number, tree in enumerate(trees):
            layer = hashlib.sha256(f"{name} {number}".encode()).hexdigest()
            folder = self.folder(layer)
            folder.mkdir(parents=True)
            for path, content in tree.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
            self.layers.append({"id": layer, "parent": parent} if parent else {"id": layer})
            parent = layer
        document = made.config([f"{name} {number}".encode() for number in range(len(trees))], **config)
        image = hashlib.sha256(document).hexdigest()
        manifest = json.dumps({"schemaVersion": 2, "config": {"digest": f"sha256:{image}"}, "layers": []}).encode()
        self.images.append(
            {
                "id": image,
                "digest": made.digest(manifest),
                "names": [name],
                "layer": parent,
                "big-data-names": ["manifest"],
            }
        )
        kept = self.root / f"{self.driver}-images" / image
        kept.mkdir(parents=True, exist_ok=True)
        (kept / "manifest").write_bytes(manifest)
        (kept / f"={base64.b64encode(f'sha256:{image}'.encode()).decode()}").write_bytes(document)
        self.write()
        return image

    def folder(self, layer: str) -> Path:
        return self.root / "vfs" / "dir" / layer if self.driver == "vfs" else self.root / "overlay" / layer / "diff"

    def write(self) -> None:
        for kind, documents in (("images", self.images), ("layers", self.layers)):
            folder = self.root / f"{self.driver}-{kind}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{kind}.json").write_text(json.dumps(documents))
