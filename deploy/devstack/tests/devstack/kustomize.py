"""Renders folders of deploy/kubernetes as kustomize does, as far as they go; a word that is not known here is an error.

Names of generated ConfigMaps bear no hash.
"""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Thing = dict[str, Any]
KNOWN = {
    "apiVersion", "kind", "resources", "components", "namespace", "namePrefix", "labels", "images",
    "configMapGenerator", "patches",
}  # fmt: skip
SELECTORS = (
    ("spec", "selector"),
    ("spec", "template", "metadata", "labels"),
    *[("spec", "template", "spec", "topologySpreadConstraints", index, "labelSelector") for index in (0, 1)],
)


def build(folder: Path) -> list[Thing]:
    """Everything that `kubectl apply -k` would apply."""
    return _kustomized(folder, [])


def _kustomized(folder: Path, before: list[Thing]) -> list[Thing]:
    told = yaml.safe_load((folder / "kustomization.yaml").read_text())
    assert set(told) <= KNOWN, folder
    things = before + [thing for resource in told.get("resources", ()) for thing in _read(folder / resource)]
    for generated in told.get("configMapGenerator", ()):
        _generate(things, generated, folder)
    for component in told.get("components", ()):
        things = _kustomized(folder / component, things)
    _prefix(things, told.get("namePrefix", ""))
    for labels in told.get("labels", ()):
        for thing in things:
            _label(thing, labels)
    for thing in things:
        _place(thing, told.get("namespace", ""))
        for image in told.get("images", ()):
            _choose_image(thing, image)
        for patch in told.get("patches", ()):
            _patch(thing, patch)
    return things


def _read(path: Path) -> list[Thing]:
    if path.is_dir():
        return build(path)
    # By way of JSON, since what YAML shares by its anchors must not be shared when one of them is changed.
    return [json.loads(json.dumps(thing)) for thing in yaml.safe_load_all(path.read_text())]


def _generate(things: list[Thing], generated: Thing, folder: Path) -> None:
    lines = list(generated.get("literals", ()))
    for file in generated.get("envs", ()):
        lines += [line for line in (folder / file).read_text().splitlines() if line and not line.startswith("#")]
    data = dict(line.split("=", 1) for line in lines)
    if generated.get("behavior") == "merge":
        (there,) = (thing for thing in things if thing["kind"] == "ConfigMap" and name_of(thing) == generated["name"])
        there["data"] |= data
    else:
        head = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generated["name"]}}
        things.append(head | ({"data": data} if data else {}))


def name_of(thing: Thing) -> str:
    """What a thing is called within its kind."""
    return str(thing["metadata"]["name"])


def _prefix(things: list[Thing], prefix: str) -> None:
    known = {(thing["kind"], name_of(thing)) for thing in things}
    for thing in things:
        for kind, reference in _references(thing):
            if (kind, reference["name"]) in known:
                reference["name"] = prefix + reference["name"]
        thing["metadata"]["name"] = prefix + name_of(thing)


def _references(thing: Thing) -> Iterator[tuple[str, Thing]]:
    for container in containers(thing):
        for source in container.get("envFrom", ()):
            if "configMapRef" in source:
                yield "ConfigMap", source["configMapRef"]
    if thing["kind"] == "HorizontalPodAutoscaler":
        yield thing["spec"]["scaleTargetRef"]["kind"], thing["spec"]["scaleTargetRef"]


def containers(thing: Thing) -> list[Thing]:
    """The containers of what runs pods."""
    return list(thing["spec"]["template"]["spec"]["containers"]) if thing["kind"] in ("Deployment", "Job") else []


def _label(thing: Thing, labels: Thing) -> None:
    thing["metadata"].setdefault("labels", {}).update(labels["pairs"])
    for path in SELECTORS if labels.get("includeSelectors") else ():
        if (found := _at(thing, path)) is not None:
            found.get("matchLabels", found).update(labels["pairs"])
    if labels.get("includeTemplates") and containers(thing):
        thing["spec"]["template"]["metadata"]["labels"].update(labels["pairs"])


def _at(thing: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        try:
            thing = thing[step]
        except (KeyError, IndexError):
            return None
    return thing


def _place(thing: Thing, namespace: str) -> None:
    if namespace and thing["kind"] != "Namespace":
        thing["metadata"]["namespace"] = namespace


def _choose_image(thing: Thing, image: Thing) -> None:
    for container in containers(thing):
        if container["image"] == image["name"]:
            tag = f":{image['newTag']}" if "newTag" in image else ""
            container["image"] = image["newName"] + tag


def _patch(thing: Thing, patch: Thing) -> None:
    target = patch["target"]
    is_meant = re.fullmatch(target["kind"], thing["kind"]) and re.fullmatch(target.get("name", ".*"), name_of(thing))
    for change in yaml.safe_load(patch["patch"]) if is_meant else ():
        *path, last = change["path"].strip("/").split("/")
        holder = _at(thing, tuple(int(step) if step.isdigit() else step for step in path))
        if change["op"] == "remove":
            del holder[last]
        else:
            assert (change["op"], last) == ("add", "-")
            holder.append(copy.deepcopy(change["value"]))
