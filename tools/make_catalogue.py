#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the table of models that `corallite models` knows, cli/catalogue/catalogue.tsv, from a list of files and their checksums.

    tools/make_catalogue.py CATALOGUE.tsv >cli/catalogue/catalogue.tsv

The list has a line `path<TAB>git blob<TAB>bytes` for each file of the repository, "-" for bytes that are not known, and tells repository and commit
in its first line. What a file is for and which labels belong to it is told here, by its name.
"""
import pathlib
import re
import sys

# (what the name looks like, which command it is for, its labels); the first that fits. Twins have the same.
KINDS = [
    (r"cocompiled|fc_split", "part", None),
    (r"embedding_extractor", "embed", None),
    (r"inat_bird", "classify", "inat_bird_labels"),
    (r"inat_insect", "classify", "inat_insect_labels"),
    (r"inat_plant", "classify", "inat_plant_labels"),
    (r"popular_us_products|l2norm|mnist|model_invoking_error", "run", None),
    (r"fine_tuned_pet", "detect", "pet_labels"),
    (r"ssd.*face", "detect", "face_labels"),
    (r"no_nms", "run", None),
    (r"ssd|efficientdet|mobiledet", "detect", "coco_labels"),
    (r"cityscapes", "segment", "cityscapes_segmentation_labels"),
    (r"deeplab", "segment", "pascal_voc_segmentation_labels"),
    (r"unet", "segment", None),
    (r"movenet|posenet|bodypix", "pose", None),
    (r"traffic_model", "run", None),
    (r"mobilenet|efficientnet|inception|resnet", "classify", "imagenet_labels"),
]
# What tutorials of the first years call them.
OLD = {
    "ssd_mobilenet_v1_coco_quant_postprocess": "mobilenet_ssd_v1_coco_quant_postprocess",
    "ssd_mobilenet_v2_coco_quant_postprocess": "mobilenet_ssd_v2_coco_quant_postprocess",
    "ssd_mobilenet_v2_face_quant_postprocess": "mobilenet_ssd_v2_face_quant_postprocess",
}


def row(path, blob, size):
    file = pathlib.PurePosixPath(path)
    if file.suffix == ".tflite":
        plain = file.stem.removesuffix("_edgetpu")
        kind, labels = next((kind, labels) for pattern, kind, labels in KINDS if re.search(pattern, file.stem))
        old = OLD.get(plain, "")
        return [file.stem, kind, path, blob, size, labels or "-", old + file.stem[len(plain):] if old else "-"]
    if file.suffix == ".txt":
        return [file.stem, "labels", path, blob, size, "-", "-"]
    return [file.name, "picture" if file.suffix in (".bmp", ".jpg", ".png") else "file", path, blob, size, "-", "-"]


def main():
    lines = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    repository, commit = re.search(r"repository (\S+) at commit ([0-9a-f]{40})", lines[0]).groups()
    rows = [row(*line.split("\t")) for line in lines if not line.startswith("#")]
    names = [r[0] for r in rows]
    assert len(set(names)) == len(names), sorted(n for n in names if names.count(n) > 1)
    print(f"# The public test data of Coral: {repository} at {commit}. Made by tools/make_catalogue.py.")
    print("# name\tfor\tpath\tgit blob\tbytes\tlabels\told name")
    for r in sorted(rows, key=lambda r: (r[0].casefold(), r[0])):
        print("\t".join(r))


if __name__ == "__main__":
    main()
