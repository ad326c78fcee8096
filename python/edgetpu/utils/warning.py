# SPDX-License-Identifier: Apache-2.0
"""Old names of functions."""
import functools
import logging
import sys


def camelcase_to_lowercase(name):
    """The new name of an old one: "RunInference" is "run_inference"."""
    return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))


def deprecated(func):
    """Lets calls of a function by its CamelCase name be seen in the log, with who makes them."""

    @functools.wraps(func)
    def call(*args, **kwargs):
        caller = sys._getframe(1)
        logging.warning("From %s:%d: The name %s will be deprecated. Please use %s instead.", caller.f_code.co_filename,
                        caller.f_lineno, func.__name__, camelcase_to_lowercase(func.__name__))
        return func(*args, **kwargs)

    return call
