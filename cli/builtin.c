/* SPDX-License-Identifier: Apache-2.0 */
/* The models of models/, which builtin.S lays into the program: see builtin.h. */
#include "builtin.h"

#if CLI_BUILTIN_MODELS
extern const char cli_signs_classifier_begin[], cli_signs_classifier_end[];
extern const char cli_signs_detector_begin[], cli_signs_detector_end[];
extern const char cli_signs_labels_begin[], cli_signs_labels_end[];

const cli_builtin cli_signs_classifier = { "the built-in sign classifier", cli_signs_classifier_begin,
                                           cli_signs_classifier_end, cli_signs_labels_begin, cli_signs_labels_end };
const cli_builtin cli_signs_detector = { "the built-in sign detector", cli_signs_detector_begin, cli_signs_detector_end,
                                         cli_signs_labels_begin, cli_signs_labels_end };
#else
const cli_builtin cli_signs_classifier = { "the built-in sign classifier" };
const cli_builtin cli_signs_detector = { "the built-in sign detector" };
#endif
