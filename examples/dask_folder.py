#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looks at every picture of a folder on many machines, with Dask: one row of a CSV for each thing that is found.

    pip install dask distributed
    python3 examples/dask_folder.py MODEL.tflite PICTURES OUT.csv [--labels FILE] [--workers 2 | --scheduler tcp://HOST:8786]

Without --scheduler it starts worker processes on this machine. With one, each worker needs the package corallite, and sees MODEL and PICTURES
under the same names. Pictures go out in bunches; a worker opens the model once, and runs on one core. What cannot be read is listed on
stderr and in OUT.csv.lost, and the exit status is 1. OUT.csv appears when all is there.
"""
from __future__ import annotations

import argparse
import csv
import os
import pathlib
import sys
from typing import Any, Iterator, List, Optional, Tuple

from corallite import Results, Session

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".webp"}
COLUMNS = ["picture", "index", "label", "score", "x0", "y0", "x1", "y1"]
Row = List[Any]

_sessions: dict[Tuple[str, Optional[str]], Session] = {}


def rows_of(path: str, found: Results) -> Iterator[Row]:
    for thing in found.detections:
        yield [path, thing.index, thing.label, thing.score, thing.box.x0, thing.box.y0, thing.box.x1, thing.box.y1]
    for kind in found.classes:
        yield [path, kind.index, kind.label, kind.score, None, None, None, None]


def look(paths: List[str], model: str, labels: Optional[str]) -> Tuple[List[Row], List[Tuple[str, str]]]:
    """What a worker does: rows, and files that it could not look at, with the reason."""
    if (model, labels) not in _sessions:
        _sessions[model, labels] = Session(model, labels=labels, threads=1)
    rows: List[Row] = []
    lost = []
    for path in paths:
        try:
            rows += rows_of(path, _sessions[model, labels].run(path))
        except (OSError, RuntimeError, ValueError) as error:
            lost.append((path, str(error)))
    return rows, lost


def pictures_in(folder: pathlib.Path) -> List[str]:
    return sorted(str(path.resolve()) for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def write(path: pathlib.Path, head: List[str], rows: List[Any]) -> None:
    """The file appears whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    os.replace(part, path)


def main() -> int:
    parser = argparse.ArgumentParser(description="Looks at every picture of a folder, with Dask.")
    parser.add_argument("model")
    parser.add_argument("pictures", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--labels")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--scheduler", help="the address of a cluster that runs already")
    parser.add_argument("--bunch", type=int, default=32, help="pictures that go out together")
    options = parser.parse_args()
    from dask.distributed import Client, LocalCluster

    paths = pictures_in(options.pictures)
    bunches = [paths[i : i + options.bunch] for i in range(0, len(paths), options.bunch)]
    model = os.path.abspath(options.model)
    labels = os.path.abspath(options.labels) if options.labels else None
    cluster = options.scheduler or LocalCluster(n_workers=options.workers, threads_per_worker=1, dashboard_address=None)
    with Client(cluster) as client:
        answers = client.gather(client.map(look, bunches, model=model, labels=labels))
    if not options.scheduler:
        cluster.close()
    lost = [one for _, some in answers for one in some]
    write(options.out, COLUMNS, [row for rows, _ in answers for row in rows])
    if lost:
        write(options.out.with_name(options.out.name + ".lost"), ["picture", "reason"], lost)
    for path, reason in lost:
        print(f"lost: {path}: {reason}", file=sys.stderr)
    print(f"{len(paths) - len(lost)} of {len(paths)} pictures, {options.out}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
