/* SPDX-License-Identifier: Apache-2.0 */
/* What builtin.S lays into the plugin: see builtin.h. */
#include "builtin.h"

#if CORALLITE_BUILTIN_MODELS
extern const char cli_signs_classifier_begin[], cli_signs_classifier_end[];
extern const char cli_signs_detector_begin[], cli_signs_detector_end[];
extern const char cli_signs_labels_begin[], cli_signs_labels_end[];

const corallite_builtin corallite_detector = { cli_signs_detector_begin, cli_signs_detector_end };
const corallite_builtin corallite_classifier = { cli_signs_classifier_begin, cli_signs_classifier_end };
const corallite_builtin corallite_labels = { cli_signs_labels_begin, cli_signs_labels_end };
#else
const corallite_builtin corallite_detector, corallite_classifier, corallite_labels;
#endif
