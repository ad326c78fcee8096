/* SPDX-License-Identifier: Apache-2.0 */
/* Do labels go with a model of so many classes? A wrong name is worse than a number: what is certain is put right,
 * what is certainly wrong is taken away, and all that is odd is said. */
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "vision/labels.h"

static bool is_one_of(const char *name, const char *const *list)
{
    for (; name && *list; list++)
        if (!strcasecmp(name, *list)) return true;
    return false;
}

/* Names that stand for no class of things. */
static bool is_background(const char *name)
{
    static const char *const list[] = { "background", "__background__", "_background_", "bg", "none", "dummy", "unlabeled",
                                        "unlabelled", "void", "ignore", "nothing", "no object", "no sign", "n/a", NULL };
    return is_one_of(name, list);
}

/* What heads a column of names. */
static bool is_heading(const char *name)
{
    static const char *const list[] = { "label", "labels", "name", "names", "class", "classes", "class_name", "class_names",
                                        "classname", "category", "categories", NULL };
    return is_one_of(name, list);
}

/* The names from `first` on are wrong for certain. */
static void drop_from(crl_labels *l, int32_t first)
{
    while (l->n && l->entries[l->n - 1].index >= first) l->n--;
    if (l->end > first) l->end = first;
}

/* The lists of COCO's classes: 80 that are used, or 90 with the gaps in their numbers, the first at 11 counted from 0. */
static bool is_coco(const crl_labels *l, int32_t end)
{
    const char *first = crl_labels_get(l, 0), *last = crl_labels_get(l, end - 1);
    return l->end == end && first && last && !strcasecmp(first, "person") && !strcasecmp(last, "toothbrush");
}

enum { COCO_USED = 80, COCO_ALL = 90, COCO_GAP = 11 };

/* ImageNet's first class, by name or synset. */
static bool is_imagenet(const crl_labels *l)
{
    const char *first = crl_labels_get(l, 0);
    return l->end == 1000 && first && (!strncasecmp(first, "tench", 5) || !strncmp(first, "n01440764", 9));
}

static crl_status too_many(crl_labels *l, int32_t classes, crl_error *err)
{
    const int32_t n = l->n, end = l->end;
    const char *first = crl_labels_get(l, 0), *last = crl_labels_get(l, end - 1);
    if (end == classes + 1 && !first && l->numbered) {
        crl_labels_shift(l, -1);
        return crl_fail(err, CRL_ERR_FORMAT, "labels numbered 1 to %d, but the model's %d classes start at 0; each number is "
                        "taken for one less", classes, classes);
    }
    if (end == classes + 1 && (is_background(first) || is_heading(first))) {
        crl_fail(err, CRL_ERR_FORMAT, "%d labels, but the model has %d class%s; the first, \"%.40s\", is left out", n, classes,
                 classes == 1 ? "" : "es", first);
        crl_labels_shift(l, -1);
        return CRL_ERR_FORMAT;
    }
    if (end == classes + 1 && is_background(last)) return CRL_OK; /* it is of no use, and does no harm */
    if (classes == 1 && end == 2) {
        crl_fail(err, CRL_ERR_FORMAT, "2 labels, but the model has 1 class; which of them that is, is not certain (a single score "
                 "is as a rule the second's), so it is shown without a name");
        drop_from(l, 0);
        return CRL_ERR_FORMAT;
    }
    if (classes == COCO_USED && is_coco(l, COCO_ALL)) {
        drop_from(l, COCO_GAP);
        return crl_fail(err, CRL_ERR_FORMAT, "%d labels, but the model has %d classes; give the list of COCO's 80 classes without "
                        "gaps; numbers stand in from %d on", n, classes, COCO_GAP);
    }
    if (l->numbered)
        return crl_fail(err, CRL_ERR_FORMAT, "labels numbered up to %d, but the model has %d classes; they are probably another "
                        "model's", end - 1, classes);
    if (n < end && n <= classes)
        return crl_fail(err, CRL_ERR_FORMAT, "%d label%s and %d line%s without a name before the last, but the model has %d "
                        "class%s; remove those lines", n, n == 1 ? "" : "s", end - n, end - n == 1 ? "" : "s", classes,
                        classes == 1 ? "" : "es");
    return crl_fail(err, CRL_ERR_FORMAT, "%d labels, but the model has %d class%s; %s", n, classes, classes == 1 ? "" : "es",
                    end == classes + 1 ? "is the first a heading, or a background that the model does not have? then remove it"
                                       : "they are probably another model's");
}

static crl_status too_few(crl_labels *l, int32_t classes, crl_error *err)
{
    const int32_t n = l->n;
    if (l->end == classes - 1 && l->taken_front) { /* the background is a class after all */
        crl_labels_shift(l, 1);
        return CRL_OK;
    }
    if (l->end == classes - 1 && is_imagenet(l)) {
        crl_labels_shift(l, 1);
        return crl_fail(err, CRL_ERR_FORMAT, "%d labels, but the model has %d classes; its first is taken for the background, and "
                        "the labels for those that follow", n, classes);
    }
    if ((classes == COCO_ALL || classes == COCO_ALL + 1) && is_coco(l, COCO_USED)) {
        drop_from(l, COCO_GAP);
        return crl_fail(err, CRL_ERR_FORMAT, "%d labels, but the model has %d classes; give the list of COCO's 90 numbers with its "
                        "gaps; numbers stand in from %d on", n, classes, COCO_GAP);
    }
    return crl_fail(err, CRL_ERR_FORMAT, "%d label%s, but the model has %d classes; numbers stand in for the rest%s", n,
                    n == 1 ? "" : "s", classes,
                    l->end == classes - 1 && !is_background(crl_labels_get(l, 0))
                        ? "; if its first class is a background, put a line \"background\" before the others" : "");
}

crl_status crl_labels_fit(crl_labels *labels, int32_t classes, crl_error *err)
{
    if (!labels || classes < 1 || labels->end == classes) return CRL_OK;
    return labels->end > classes ? too_many(labels, classes, err) : too_few(labels, classes, err);
}
