# SPDX-License-Identifier: Apache-2.0
"""Learning: imprinting and softmax regression of pycoral and edgetpu."""
import contextlib
import io
import os
import pathlib
import tempfile
import unittest

import numpy as np
from coral import Base, Image, extractor, kinds, picture, scaled_classifier
from helpers import CLASSIFIER, DETECTOR, TINY, testdata

from corallite import _learn
from edgetpu.basic.basic_engine import BasicEngine
from edgetpu.classification.engine import ClassificationEngine
from edgetpu.learn.backprop import ops
from edgetpu.learn.backprop.softmax_regression import SoftmaxRegression as OldRegression
from edgetpu.learn.imprinting.engine import ImprintingEngine as OldEngine
from edgetpu.learn.utils import AppendFullyConnectedAndSoftmaxLayerToModel
from edgetpu.swig.edgetpu_cpp_wrapper import ImprintingEnginePythonWrapper
from pycoral.adapters import classify
from pycoral.learn.backprop.softmax_regression import SoftmaxRegression
from pycoral.learn.imprinting.engine import ImprintingEngine
from pycoral.utils import edgetpu

NO_NORM = "Unsupported model architecture. Input model must have an L2Norm layer."
TOO_LARGE = "The class index of a new category is too large!"
NOT_OURS = "Cannot change the base model classes not trained with imprinting method!"


def ready(content):
    interpreter = edgetpu.make_interpreter(content)
    interpreter.allocate_tensors()
    return interpreter


def scores_of(interpreter, image):
    edgetpu.run_inference(interpreter, image)
    return classify.get_scores(interpreter)


def rows_of(content):
    """The rows of the last layer of a model that was imprinted."""
    model = _learn.Model(content=content)
    return _learn.Ending(model).rows


def photo(name, size=224):
    with Image.open(testdata("images/imprinting/" + name)) as image:
        return np.asarray(image.convert("RGB").resize((size, size), Image.NEAREST)).flatten()


class Files(Base):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = lambda name: os.path.join(folder.name, name)


class Imprinting(Files):
    """Of pycoral: it is given embeddings."""

    def setUp(self):
        super().setUp()
        self.model = scaled_classifier(self.path("model.tflite"))
        self.images = kinds()

    def embeddings(self, engine, images):
        interpreter = ready(engine.serialize_extractor_model())
        return [scores_of(interpreter, image) for image in images]

    def check(self, content, numbers):
        classifier = ready(content)
        for number, images in zip(numbers, self.images):
            for image in images:
                scores = scores_of(classifier, image)
                self.assertEqual(int(np.argmax(scores)), number)
        return classifier

    def test_new_classes(self):
        engine = ImprintingEngine(self.model)
        self.assertEqual((engine.embedding_dim, engine.num_classes), (192, 0))
        for number, images in enumerate(self.images):
            for embedding in self.embeddings(engine, images[:2]):
                self.assertAlmostEqual(float(np.linalg.norm(embedding)), 1, delta=0.05)
                engine.train(embedding, class_id=number)
            self.assertEqual(engine.num_classes, number + 1)
        content = engine.serialize_model()
        self.assertLess(np.abs(np.linalg.norm(rows_of(content), axis=1) - 1).max(), 0.03)
        classifier = self.check(content, range(3))
        self.assertEqual((classify.num_classes(classifier), len(classifier.get_output_details())), (3, 1))

    def test_classes_are_kept(self):
        engine = ImprintingEngine(self.model, keep_classes=True)
        self.assertEqual(engine.num_classes, 3)
        for number, images in enumerate(self.images):
            for embedding in self.embeddings(engine, images[:1]):
                engine.train(embedding, 3 + number)
        content = engine.serialize_model()
        self.check(content, range(3, 6))
        before, after = rows_of(open(self.model, "rb").read()), rows_of(content)
        self.assertEqual(len(after), 6)
        self.assertTrue(np.array_equal(before, after[:3]))

    def test_teaching_goes_on(self):
        first = ImprintingEngine(self.model)
        a, b = self.embeddings(first, self.images[0][:2])
        first.train(a, 0)
        with open(self.path("first.tflite"), "wb") as f:
            f.write(first.serialize_model())
        second = ImprintingEngine(self.path("first.tflite"), keep_classes=True)
        self.assertEqual(second.num_classes, 1)
        second.train(b, 0)
        for number in 1, 2:
            for embedding in self.embeddings(second, self.images[number][:2]):
                second.train(embedding, number)
        content = second.serialize_model()
        self.check(content, range(3))
        at_once = ImprintingEngine(self.model)
        for embedding in a, b:
            at_once.train(embedding, 0)
        rows = [rows_of(c)[0] for c in (content, at_once.serialize_model())]
        self.assertLess(np.abs(rows[0] - rows[1]).max(), 0.012)  # a step of 1/128, and what the first file rounded
        model = _learn.Model(content=content)
        self.assertRegex(model.pointer.contents.description.decode(), r"^0 [12]\.\d{6}\n1 [12]\.\d{6}\n2 [12]\.\d{6}\n$")

    def test_forgetting(self):
        engine = ImprintingEngine(self.model, keep_classes=False)
        engine.train(np.ones(192), 0)
        self.assertEqual(classify.num_classes(ready(engine.serialize_model())), 1)

    def test_messages(self):
        self.fails(ValueError, "Failed to open file: invalid_model_path.tflite", ImprintingEngine, "invalid_model_path.tflite")
        self.fails(ValueError, NO_NORM, ImprintingEngine, CLASSIFIER)
        self.fails(ValueError, NO_NORM, ImprintingEngine, DETECTOR)
        old = OldEngine(extractor(self.path("bare.tflite")))
        old.Train([self.images[0][0]])
        old.SaveModel(self.path("plain.tflite"))
        self.fails(ValueError, "The last 4 operators must be Conv2d, Mul, Reshape, Softmax", ImprintingEngine, self.path("plain.tflite"))
        for keep in False, True:
            self.fails(RuntimeError, "Model is not trained.", ImprintingEngine(self.model, keep).serialize_model)
        engine = ImprintingEngine(self.model, keep_classes=True)
        vector = np.ones(192)
        self.fails(RuntimeError, TOO_LARGE, engine.train, vector, 4)
        self.fails(RuntimeError, TOO_LARGE, engine.train, vector, -1)
        self.fails(RuntimeError, NOT_OURS, engine.train, vector, 2)
        self.fails(RuntimeError, "Invalid weights array shape.", engine.train, np.ones(191), 3)
        self.assertEqual(engine.num_classes, 3)


class OldImprinting(Files):
    """Of edgetpu: it is given pictures."""

    def setUp(self):
        super().setUp()
        self.scaled = scaled_classifier(self.path("scaled.tflite"))
        self.bare = extractor(self.path("bare.tflite"))
        self.images = kinds()

    def check(self, path, classes):
        engine = ClassificationEngine(path)
        self.assertEqual(engine.get_output_tensor_size(0), classes)
        best = []
        for number, images in enumerate(self.images):
            results = engine.classify_with_input_tensor(images[3], top_k=classes)
            self.assertEqual(results[0][0], number)
            best.append(results[0][1])
        return best

    def test_release_2(self):
        for call in "train", "Train":
            engine = OldEngine(self.scaled)
            for number, images in enumerate(self.images):
                self.assertIsNone(getattr(engine, call)(np.array(images[:2]), number))
            engine.train(self.images[0][2:3], class_id=0)  # an own class, once more
            engine.save_model(self.path("saved.tflite"))
            self.check(self.path("saved.tflite"), 3)

    def test_all_at_once(self):
        engine = OldEngine(self.scaled)
        self.assertIsNone(engine.train_all([images[:2] for images in self.images]))
        engine.SaveModel(self.path("saved.tflite"))
        self.check(self.path("saved.tflite"), 3)
        kept = OldEngine(self.scaled, keep_classes=True)
        kept.TrainAll([self.images[0][:2]])
        kept.SaveModel(self.path("kept.tflite"))
        self.assertEqual(BasicEngine(self.path("kept.tflite")).get_output_tensor_size(0), 4)

    def test_release_1(self):
        """A bare extractor, numbers that are given, scores that are flat."""
        engine = OldEngine(self.bare)
        self.assertEqual(engine.Train(np.array(self.images[0][:2])), 0)
        self.assertEqual(engine.Train(self.images[1][:2]), 1)
        engine.SaveModel(self.path("two.tflite"))
        more = OldEngine(self.path("two.tflite"))
        self.assertEqual(more.Train(self.images[2][:2]), 2)
        more.SaveModel(self.path("three.tflite"))
        for score in self.check(self.path("three.tflite"), 3):
            self.assertTrue(0.33 < score < 0.58, score)

    def test_release_1_all_at_once(self):
        engine = OldEngine(self.bare)
        labels = engine.TrainAll({name: images[:2] for name, images in zip("abc", self.images)})
        self.assertEqual(labels, {0: "a", 1: "b", 2: "c"})
        engine.SaveModel(self.path("three.tflite"))
        self.check(self.path("three.tflite"), 3)
        self.assertEqual(OldEngine(self.path("three.tflite")).TrainAll({"d": self.images[0][:1]}), {3: "d"})
        names = {d["name"] for d in edgetpu.make_interpreter(self.path("three.tflite")).get_tensor_details()}
        for name in ("L2Norm/Output", "FC/Weights", "FC/Bias", "FC/Output", "Reshape/Output", "Softmax/Output"):
            self.assertIn("Imprinting/" + name, names)

    def test_without_saving(self):
        engine = OldEngine(self.scaled)
        self.fails(RuntimeError, "Model without training couldn't run inference!", engine.classify_with_input_tensor, self.images[0][0])
        for number, images in enumerate(self.images):
            engine.train(images[:2], number)
            image = Image.fromarray(images[3].reshape(128, 128, 3))
            for classified in engine.classify_with_resized_image, engine.ClassifyWithResizedImage:
                self.assertEqual(classified(image, top_k=1)[0][0], number)
            for classified in engine.classify_with_input_tensor, engine.ClassifyWithInputTensor:
                self.assertEqual(classified(images[3], threshold=0.0, top_k=1)[0][0], number)
        self.fails(ValueError, "top_k must be positive!", engine.classify_with_input_tensor, self.images[0][0], top_k=0)
        engine.save_model(self.path("saved.tflite"))
        self.assertEqual(engine.classify_with_input_tensor(self.images[1][3]),
                         ClassificationEngine(self.path("saved.tflite")).classify_with_input_tensor(self.images[1][3]))

    def test_wrapper(self):
        engine = ImprintingEnginePythonWrapper.CreateFromFile(self.scaled, False)
        engine.Train(self.images[0][:1], 0)
        engine.Train(self.images[1][:1], 1)
        self.assertEqual(engine.RunInference(self.images[1][0]).shape, (2,))
        self.assertGreater(engine.get_inference_time(), 0)
        engine.SaveModel(self.path("w.tflite"))

    def test_messages(self):
        self.fails(RuntimeError, "Failed to open file: invalid_model_path.tflite", OldEngine, "invalid_model_path.tflite")
        for path in CLASSIFIER, TINY, DETECTOR:
            self.fails(RuntimeError, NO_NORM, OldEngine, path)
        for path in self.scaled, self.bare:
            engine = OldEngine(path)
            self.fails(RuntimeError, "Model without training won't be saved!", engine.save_model, self.path("no.tflite"))
            self.assertFalse(os.path.exists(self.path("no.tflite")))
            self.fails(RuntimeError, "No images sent for training!", engine.train, [], 0)
            self.fails(RuntimeError, "Too many training images, max # images per category is 200!", engine.train, [self.images[0][0]] * 201, 0)
            self.fails(RuntimeError, "Image size is zero!", engine.train, [np.zeros(0, np.uint8)], 0)
            self.fails(RuntimeError, TOO_LARGE, engine.train, self.images[0][:1], 1)
            self.begins(RuntimeError, "Input buffer size 5 smaller than model input tensor size 49152.", engine.train, [np.zeros(5, np.uint8)], 0)
        self.fails(RuntimeError, NOT_OURS, OldEngine(self.scaled, keep_classes=True).train, self.images[0][:1], 0)

    def test_saving_over_itself(self):
        engine = OldEngine(self.bare)
        engine.Train(self.images[0][:1])
        engine.SaveModel(self.bare)
        self.assertEqual(OldEngine(self.bare).Train(self.images[1][:1]), 1)
        self.assertEqual(sorted(os.listdir(os.path.dirname(self.bare))), ["bare.tflite", "scaled.tflite"])
        self.assertRaises(OSError, engine.SaveModel, self.path("no/such/folder.tflite"))

    def test_photos(self):
        """Cats, dogs and hot dogs, as the document's demo."""
        engine = OldEngine(testdata("models/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"))
        labels = engine.TrainAll({"cat": [photo("cat_train_0.bmp")], "dog": [photo("dog_train_0.bmp")],
                                  "hotdog": [photo("hotdog_train_0.bmp"), photo("hotdog_train_1.bmp")]})
        engine.SaveModel(self.path("three.tflite"))
        classifier = ClassificationEngine(self.path("three.tflite"))
        for name in "cat", "dog", "hotdog":
            results = classifier.classify_with_input_tensor(photo(name + "_test_0.bmp"))
            self.assertEqual(labels[results[0][0]], name)
            self.assertTrue(0.36 < results[0][1] < 0.44, results)


class Layers(Base):
    def test_forward(self):
        x = np.arange(10).reshape(2, 5)
        out, _ = ops.fc_forward(x, x.T, np.ones(2))
        self.assertEqual(out.tolist(), [[31, 81], [81, 256]])

    def test_loss(self):
        loss, gradient = ops.softmax_cross_entropy_loss(np.ones((1, 10)), np.array([5]))
        self.assertAlmostEqual(loss, np.log(10))
        self.assertTrue(np.allclose(gradient, [[0.1] * 5 + [-0.9] + [0.1] * 4]))

    def test_gradients(self):
        random = np.random.RandomState(1)
        x, w, b, labels = random.randn(5, 3), random.randn(3, 10), random.randn(10), random.randint(10, size=5)

        def loss(x, w, b):
            return ops.softmax_cross_entropy_loss(ops.fc_forward(x, w, b)[0], labels)[0]

        out, cached = ops.fc_forward(x, w, b)
        gradients = ops.fc_backward(ops.softmax_cross_entropy_loss(out, labels)[1], cached)
        for k, (value, gradient) in enumerate(zip((x, w, b), gradients)):
            for at in np.ndindex(value.shape):
                moved = [v.copy() for v in (x, w, b)]
                moved[k][at] += 1e-5
                above = loss(*moved)
                moved[k][at] -= 2e-5
                self.assertAlmostEqual((above - loss(*moved)) / 2e-5, gradient[at], places=6)


class Regression(Files):
    def setUp(self):
        super().setUp()
        random = np.random.RandomState(3)
        labels = random.randint(3, size=230)
        points = (np.array([[3, 3], [-3, -3], [3, -3]])[labels] + random.randn(230, 2)).astype(np.float32)
        self.data = {"data_train": points[:200], "labels_train": labels[:200], "data_val": points[200:], "labels_val": labels[200:]}
        np.random.seed(12345)

    def train(self, model):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            model.train_with_sgd(self.data, 20, 0.05, batch_size=100, print_every=5)
        lines = out.getvalue().splitlines()
        self.assertEqual(len(lines), 4)
        for line in lines:
            self.assertRegex(line, r"^Loss \d+\.\d\d, train acc \d+\.\d\d%, val acc \d+\.\d\d%$")
        self.assertGreater(model.get_accuracy(self.data["data_train"], self.data["labels_train"]), 0.98)
        self.assertGreater(model.get_accuracy(self.data["data_val"], self.data["labels_val"]), 0.9)

    def test_both_learn(self):
        self.train(SoftmaxRegression(2, 3))
        self.train(OldRegression(2, 3, reg=0.01))

    def test_attributes(self):
        model = OldRegression(feature_dim=2, num_classes=3, weight_scale=0.5, reg=0.25)
        self.assertEqual((model.feature_dim, model.num_classes, model.reg), (2, 3, 0.25))
        self.assertEqual((model.params["mat_w"].shape, model.params["vec_b"].tolist()), ((2, 3), [0, 0, 0]))
        self.train(model)
        scores = self.data["data_train"].dot(model.params["mat_w"]) + model.params["vec_b"]
        self.assertAlmostEqual(model.max_score, scores.max(), places=4)
        self.assertAlmostEqual(model.min_score, scores.min(), places=4)
        self.assertEqual(model.run_inference(np.array([3, 3])), 0)
        self.assertEqual(model.run_inference(np.array([[3, 3], [-3, -3]])).tolist(), [0, 1])
        loss, gradients = model._get_loss(self.data["data_train"], self.data["labels_train"])
        self.assertGreater(loss, 0.25 * 0.5 * (model.params["mat_w"] ** 2).sum())
        self.assertEqual(gradients["mat_w"].shape, (2, 3))
        model._set_label_map({0: "a"})
        model._save_ckpt(self.path("ckpt"))
        again = OldRegression()
        again._load_ckpt(self.path("ckpt"))
        self.assertEqual(again._get_label_map(), {0: "a"})
        self.assertTrue(np.array_equal(again.params["mat_w"], model.params["mat_w"]))
        self.assertEqual(sorted(os.listdir(self.path("ckpt"))), ["label_map.pickle", "weights.pickle"])

    def test_refused(self):
        model = SoftmaxRegression(2, 3)
        wide = self.data["data_train"].astype(np.float64)
        self.fails(RuntimeError, "Incompatible format: expected a float array!", model.get_accuracy, wide, self.data["labels_train"])
        self.fails(RuntimeError, "Incompatible buffer dimension!", model.get_accuracy, self.data["data_train"][0], [0])
        self.fails(RuntimeError, "Incompatible format: expected a float array!", model.train_with_sgd, {**self.data, "data_train": wide}, 1, 0.1)
        self.assertRaises(ValueError, model.serialize_model, "invalid.tflite")
        self.assertRaises(RuntimeError, model.serialize_model, CLASSIFIER)

    def test_untrained_and_trained_files(self):
        model = SoftmaxRegression(192, 5)
        path = extractor(self.path("extractor.tflite"))
        interpreter = ready(model.serialize_model(path))
        self.assertEqual(classify.num_classes(interpreter), 5)
        images = [image for kind in kinds() for image in kind]
        vectors = ready(open(path, "rb").read())
        x = np.array([scores_of(vectors, image) for image in images], np.float32)
        labels = np.repeat(range(3), 4)
        data = {"data_train": x, "labels_train": labels, "data_val": x, "labels_val": labels}
        for regression in SoftmaxRegression(192, 3), OldRegression(192, 3):
            regression.train_with_sgd(data, 200, 0.05, batch_size=12, print_every=0)
            if isinstance(regression, OldRegression):
                regression.save_as_tflite_model(path, self.path("out.tflite"))
                content = pathlib.Path(self.path("out.tflite")).read_bytes()
            else:
                content = regression.serialize_model(path)
            trained = ready(content)
            self.assertEqual([int(np.argmax(scores_of(trained, image))) for image in images], labels.tolist())


class Appending(Files):
    def append(self, model, size, image):
        engine = BasicEngine(model)
        random = np.random.RandomState(7)
        weights, biases = random.randn(size, 10).astype(np.float32) / 8, random.randn(10).astype(np.float32)
        _, vector = engine.run_inference(image)
        logits = vector.dot(weights) + biases
        AppendFullyConnectedAndSoftmaxLayerToModel(model, self.path("out.tflite"), weights.T.flatten(), biases, float(logits.min()),
                                                   float(logits.max()))
        _, result = BasicEngine(self.path("out.tflite")).run_inference(image)
        expected = np.exp(logits - logits.max())
        self.assertLess(np.abs(result - expected / expected.sum()).max(), 0.02)

    def test_results(self):
        self.append(extractor(self.path("extractor.tflite")), 192, picture((128 * 128 * 3,)))

    def test_of_the_test_set(self):
        self.append(testdata("models/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"), 1024, picture((224 * 224 * 3,)))

    def test_refused(self):
        weights, biases = np.ones(10, np.float32), np.ones(5, np.float32)
        self.fails(RuntimeError, "Failed to open file: none.tflite", AppendFullyConnectedAndSoftmaxLayerToModel, "none.tflite",
                   self.path("o.tflite"), weights, biases, -1.0, 1.0)
        self.assertRaises(RuntimeError, AppendFullyConnectedAndSoftmaxLayerToModel, TINY, self.path("o.tflite"), weights[:9], biases, -1.0, 1.0)
        self.assertRaises(RuntimeError, AppendFullyConnectedAndSoftmaxLayerToModel, DETECTOR, self.path("o.tflite"), weights, biases, -1.0, 1.0)
        self.assertFalse(os.path.exists(self.path("o.tflite")))


if __name__ == "__main__":
    unittest.main()
