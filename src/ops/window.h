/* SPDX-License-Identifier: Apache-2.0 */
/* What operators with a sliding window share: from padding, strides and sizes to a crl_window. */
#ifndef CRL_OPS_WINDOW_H
#define CRL_OPS_WINDOW_H

#include "kernels/window.h"
#include "ops/op.h"

typedef enum crl_padding { CRL_PADDING_SAME = 0, CRL_PADDING_VALID = 1 } crl_padding;

/* The padding option of the node, checked. */
crl_status crl_node_padding(const crl_node *node, crl_padding *padding, crl_error *err);

/* Whether pictures have to have pixels. */
typedef enum crl_window_pixels { CRL_WINDOW_SOME, CRL_WINDOW_ANY } crl_window_pixels;

/* Sets batch, in_h, in_w, in_c from a tensor [batch, h, w, c]. Errors: another rank; no channels; with CRL_WINDOW_SOME no
 * pixels. */
crl_status crl_window_input(const crl_node *node, crl_window *w, const crl_tensor *in, crl_window_pixels pixels, crl_error *err);

/* What becomes of a filter that is larger than the picture, with VALID padding. */
typedef enum crl_window_misfit { CRL_WINDOW_REFUSE, CRL_WINDOW_EMPTY } crl_window_misfit;

/* Sets out_h, out_w, pad_top and pad_left from the other fields but out_c. Of an odd padding the larger half lies
 * below and to the right. Errors: sizes, strides or dilations below 1, or so large that positions overflow; with
 * CRL_WINDOW_REFUSE a filter that does not fit, where otherwise the output has no pixels.
 * Source: TensorFlow Lite, kernels/padding.h. */
crl_status crl_window_fit(crl_window *w, crl_padding padding, crl_window_misfit misfit, crl_error *err);

/* The same for one axis, whose name the errors give. With CRL_WINDOW_EMPTY a filter that does not fit leaves *out
 * negative. */
crl_status crl_window_fit_axis(const char *axis, int32_t in, int32_t filter, int32_t stride, int32_t dilation,
                               crl_padding padding, crl_window_misfit misfit, int32_t *out, int32_t *pad,
                               crl_error *err);

#endif
