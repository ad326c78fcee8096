/* SPDX-License-Identifier: Apache-2.0 */
/* The one header to start with. */
#ifndef CORALLITE_CORALLITE_H
#define CORALLITE_CORALLITE_H

#include <corallite/anchors.h>
#include <corallite/check.h>
#include <corallite/compile.h>
#include <corallite/device.h>
#include <corallite/edit.h>
#include <corallite/engine.h>
#include <corallite/learn.h>
#include <corallite/model.h>
#include <corallite/notice.h>
#include <corallite/package.h>
#include <corallite/pool.h>
#include <corallite/quantize.h>
#include <corallite/reweight.h>
#include <corallite/session.h>
#include <corallite/status.h>
#include <corallite/stream.h>
#include <corallite/tensor.h>
#include <corallite/tracker.h>
#include <corallite/version.h>
#include <corallite/vision.h>

#endif
