/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs for whole models, the same as those which tools/oracle/gen_models.py draws: change both or neither. */
#ifndef TESTS_MODELS_INPUTS_H
#define TESTS_MODELS_INPUTS_H

#include <corallite/tensor.h>

/* Fills `t`, input `i` of the model file called `model`, from a source:
 *   "noise:K"    even noise over the type's whole range
 *   "smooth:K"   values that change slowly, as in a picture out of focus
 *   "picture:P"  the picture file P below `root`, squeezed as Pillow does it, for input 0, noise for all others
 *   a path       a BMP file of 24 bits below `root` for input 0, noise for all others
 * Errors  CRL_ERR_UNSUPPORTED  a type that is not drawn, or a picture format that is not built in
 *         CRL_ERR_IO, CRL_ERR_FORMAT */
crl_status inputs_draw(crl_tensor *t, const char *root, const char *model, const char *source, int32_t i, crl_error *err);

#endif
