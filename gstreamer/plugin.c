/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin: see elements.h. */
#include <corallite/version.h>

#include "elements.h"

GST_DEBUG_CATEGORY(corallite_debug);

static gboolean init(GstPlugin *plugin)
{
    GST_DEBUG_CATEGORY_INIT(corallite_debug, "corallite", 0, "Corallite");
    return gst_element_register(plugin, "corallitedetect", GST_RANK_NONE, corallite_detect_get_type()) &&
           gst_element_register(plugin, "coralliteclassify", GST_RANK_NONE, corallite_classify_get_type()) &&
           gst_element_register(plugin, "coralliteoverlay", GST_RANK_NONE, corallite_overlay_get_type());
}

#define PACKAGE "corallite"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, corallite,
                  "8-bit vision models of TensorFlow Lite, on the processor or an Edge TPU", init, CRL_VERSION,
                  "Apache 2.0", "Corallite", "the Corallite project")
