# SPDX-License-Identifier: Apache-2.0
"""Models that follow each other, each in a thread of its own: while one frame is in the second, the next is in the first.

    push -> [queue] -> segment 0 -> [1] -> segment 1 -> ... -> [queue] -> pop

A segment takes the tensors it knows by name, and hands on what it computes and what others still need.
"""
import collections
import threading
import weakref

import numpy as np

from pycoral.pybind import _pywrap_coral


class _Queue:
    """Hands items from thread to thread, in order, at most `size` at a time where that is not 0."""

    def __init__(self, size=0):
        self._items = collections.deque()
        self._size = size
        self._closed = False
        self._changed = threading.Condition()

    def resize(self, size):
        with self._changed:
            self._size = size
            self._changed.notify_all()

    def put(self, item):
        """Waits for room; False where the queue was closed before there was any."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or not self._size or len(self._items) < self._size)
            if self._closed:
                return False
            self._items.append(item)
            self._changed.notify_all()
            return True

    def get(self):
        """Waits for an item; None where the queue is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._items)
            item = self._items.popleft() if self._items else None
            self._changed.notify_all()
            return item

    def close(self, discard=False):
        """Nothing more comes in. With `discard`, what is in it goes."""
        with self._changed:
            self._closed = True
            if discard:
                self._items.clear()
            self._changed.notify_all()


class _Pipeline:
    """The threads and queues of a runner. They know nothing of it, so that it can be collected while they wait."""

    def __init__(self, interpreters):
        self.interpreters = interpreters
        self.queues = [_Queue()] + [_Queue(1) for _ in interpreters[1:]] + [_Queue()]
        self.error = None
        self.ended = False
        # What segments behind each one need, and what the last one returns.
        self.needed = [set() for _ in interpreters]
        wanted = set()
        for i in reversed(range(len(interpreters))):
            self.needed[i] = set(wanted)
            wanted |= {d["name"] for d in interpreters[i].get_input_details()}
        self.threads = [
            threading.Thread(target=self._work, args=(i,), name="corallite segment %d" % i, daemon=True)
            for i in range(len(interpreters))
        ]
        for thread in self.threads:
            thread.start()

    def end(self):
        """No more inputs will come."""
        self.ended = True
        self.queues[0].close()

    def _work(self, i):
        source, sink = self.queues[i], self.queues[i + 1]
        while True:
            tensors = source.get()
            if tensors is None:
                break
            try:
                tensors = self._run(i, tensors)
            except Exception as e:  # whatever it was, who waits for the result has to hear of it
                self.error = self.error or "Segment %d runner error: %s" % (i, e)
                for queue in self.queues:
                    queue.close(discard=True)
                break
            if not sink.put(tensors):
                break
        sink.close()

    def _run(self, i, tensors):
        interpreter = self.interpreters[i]
        computed = _pywrap_coral.run(interpreter, tensors)
        if i + 1 == len(self.interpreters):
            return computed
        return {**{k: v for k, v in tensors.items() if k in self.needed[i]}, **computed}


def _finish(pipeline):
    """When a runner is collected, or the program ends: threads are let go, and what was never fetched is not passed over in
    silence."""
    print("Push empty request to stop the pipeline...")
    if pipeline.ended or pipeline.error:
        print("The pipeline has already been closed successfully.")
    else:
        pipeline.end()
        unconsumed = 0
        while pipeline.queues[-1].get():
            unconsumed += 1
        if unconsumed:
            print("WARNING: {} unconsumed results in the pipeline during destruction!".format(unconsumed))
    for queue in pipeline.queues:
        queue.close(discard=True)


class PipelinedModelRunner:
    """Runs a model that was cut into segments as a pipeline.

    Args:
        interpreters: a list of interpreters, in order, on which ``allocate_tensors()`` was called. They belong to the
            runner as long as it lives.

    Raises:
        ValueError: there is none, or one wants a tensor that none before it gives.
    """

    def __init__(self, interpreters):
        if not interpreters:
            raise ValueError("At least one interpreter expected")
        names = {d["name"] for d in interpreters[0].get_input_details()}
        for i, interpreter in enumerate(interpreters):
            if not {d["name"] for d in interpreter.get_input_details()} <= names:
                raise ValueError("Interpreter {} can not get its input tensors".format(i))
            names |= {d["name"] for d in interpreter.get_output_details()}
        self._interpreters = interpreters
        self._types = {d["name"]: d["dtype"] for d in interpreters[0].get_input_details()}
        self._pipeline = _Pipeline(list(interpreters))
        weakref.finalize(self, _finish, self._pipeline)

    def set_input_queue_size(self, size):
        """How many inputs may wait before :meth:`push` waits too; 0, the default, is no limit."""
        self._pipeline.queues[0].resize(size)

    def set_output_queue_size(self, size):
        """How many results may wait for :meth:`pop` before the last segment waits too; 0, the default, is no limit."""
        self._pipeline.queues[-1].resize(size)

    def push(self, input_tensors):
        """Hands in the inputs of one run, and waits while the queue is full.

        Args:
            input_tensors: a dictionary of arrays by the names of the first segment's inputs; they are copied. An empty one says
                that no more will come.

        Raises:
            ValueError: not these inputs, or another type.
            RuntimeError: a segment failed, or an empty dictionary was pushed before.
        """
        if input_tensors and len(input_tensors) != len(self._types):
            raise ValueError("Expected input of length {}, but got {}".format(len(self._types), len(input_tensors)))
        for name, tensor in input_tensors.items():
            if name not in self._types:
                raise ValueError("There is no input '{}'; the first interpreter has {}".format(
                    name, ", ".join("'%s'" % n for n in self._types)))
            if not isinstance(tensor, np.ndarray) or tensor.dtype != self._types[name]:
                raise ValueError("Input should be a list of numpy array of type {}".format(self._types[name]))
        self._check()
        if self._pipeline.ended:
            raise RuntimeError("Pipeline was turned off before.")
        if not input_tensors:
            self._pipeline.end()
        elif not self._pipeline.queues[0].put({k: v.copy() for k, v in input_tensors.items()}):
            self._check()

    def pop(self):
        """Waits for the next result, in the order of :meth:`push`.

        Returns:
            A dictionary of arrays by the names of the last segment's outputs; None when an empty dictionary was pushed and all
            results were taken.

        Raises:
            RuntimeError: a segment failed.
        """
        result = self._pipeline.queues[-1].get()
        if result is None:
            self._check()
        return result

    def interpreters(self):
        """The interpreters that the runner was made of."""
        return self._interpreters

    def _check(self):
        if self._pipeline.error:
            raise RuntimeError(self._pipeline.error)
