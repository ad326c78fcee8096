# SPDX-License-Identifier: Apache-2.0
"""examples/dask_folder.py over two worker processes."""
import csv
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from helpers import DETECTOR, ROOT

import corallite

for needed in "dask", "distributed", "PIL":
    if importlib.util.find_spec(needed) is None:
        raise unittest.SkipTest(f"{needed} is not installed for this Python")

LABELS = str(ROOT / "models/signs_labels.txt")


class Folder(unittest.TestCase):
    def test_every_picture_of_a_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            pictures, out = pathlib.Path(folder, "pictures"), pathlib.Path(folder, "out.csv")
            (pictures / "deeper").mkdir(parents=True)
            for name in "a.jpg", "b.jpg", "deeper/c.jpg":
                shutil.copy(ROOT / "examples/scene_1.jpg", pictures / name)
            (pictures / "broken.jpg").write_bytes(b"none")
            (pictures / "notes.txt").write_text("none")
            said = subprocess.run([sys.executable, str(ROOT / "examples/dask_folder.py"), DETECTOR, str(pictures), str(out), "--labels", LABELS, "--bunch", "1"],
                                  env={**os.environ, "PYTHONPATH": str(ROOT / "python")}, capture_output=True, text=True, check=False)
            self.assertEqual(said.returncode, 1, said.stderr)
            self.assertEqual(said.stdout, f"3 of 4 pictures, {out}\n")
            self.assertIn("lost: ", said.stderr)
            with out.open(encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            with pathlib.Path(f"{out}.lost").open(encoding="utf-8") as file:
                lost = list(csv.DictReader(file))
            self.assertEqual([pathlib.Path(one["picture"]).name for one in lost], ["broken.jpg"])
            wanted = corallite.Session(DETECTOR, labels=LABELS).run(str(pictures / "a.jpg")).detections
            for name in "a.jpg", "b.jpg", "c.jpg":
                mine = [row for row in rows if pathlib.Path(row["picture"]).name == name]
                self.assertEqual([row["label"] for row in mine], [d.label for d in wanted])
                for row, d in zip(mine, wanted):
                    self.assertAlmostEqual(float(row["score"]), d.score, 5)
                    self.assertAlmostEqual(float(row["x0"]), d.box.x0, 3)


if __name__ == "__main__":
    unittest.main()
