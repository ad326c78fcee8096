/* SPDX-License-Identifier: Apache-2.0 */
/* What of the pictures held out deserves a look: marks, mistakes, and pictures that are on both sides. */
#include <math.h>
#include <stdlib.h>

#include "learn/learn.h"
#include "io/say.h"

/* Two pictures are nearly the same where their prints differ in no more bits than that, and their vectors are that much alike: prints
 * alone are the same for plain pictures, vectors for any two of a narrow class. */
enum { PRINT_BITS = 3 };
#define TWIN_LIKENESS 0.98

/* Wilson 1927: the interval of a share that holds for few and for extreme ones, too. */
static void set_interval(cli_marks *m)
{
    const double z = 1.959964, n = m->of, p = n > 0 ? m->right / n : 0;
    if (!m->of) return;
    const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    m->low = middle - half > 0 ? middle - half : 0;
    m->high = middle + half < 1 ? middle + half : 1;
}

static void mark(cli_marks *m, const cli_lesson *p, int places)
{
    m->of++;
    m->right += p->place && p->place <= places;
}

static int by_class(const void *a, const void *b)
{
    const cli_taken *x = a, *y = b;
    if (x->folder != y->folder) return x->folder < y->folder ? -1 : 1;
    return x->class < y->class ? -1 : x->class > y->class;
}

/* Counts everything once: there may be tens of thousands of classes. */
static void count(const cli_learning *w, cli_findings *f)
{
    const cli_lessons *l = &w->pictures;
    f->marks = cli_alloc((size_t)l->n_labels + 1, sizeof *f->marks);
    f->learnt = cli_alloc((size_t)l->n_labels + 1, sizeof *f->learnt);
    f->taken = cli_alloc((size_t)l->n + 1, sizeof *f->taken);
    for (int32_t i = 0; i < w->n_learnt; i++) f->learnt[l->items[w->picture_of[i]].label]++;
    for (int i = 0; i < l->n; i++) {
        const cli_lesson *p = &l->items[i];
        if (!cli_lesson_is_examined(p)) continue;
        mark(&f->all, p, 1);
        mark(&f->all_places, p, CLI_PLACES);
        mark(&f->marks[p->label], p, 1);
        f->taken[f->n_taken++] = (cli_taken){ p->label, p->told, 1 };
    }
    set_interval(&f->all);
    set_interval(&f->all_places);
    for (int k = 0; k < l->n_labels; k++) set_interval(&f->marks[k]);
    qsort(f->taken, (size_t)f->n_taken, sizeof *f->taken, by_class);
    int n = 0;
    for (int i = 0; i < f->n_taken; i++) {
        if (n && !by_class(&f->taken[n - 1], &f->taken[i]))
            f->taken[n - 1].times++;
        else
            f->taken[n++] = f->taken[i];
    }
    f->n_taken = n;
}

int cli_learn_taken(const cli_findings *f, int folder, int32_t class)
{
    const cli_taken *found = bsearch(&(cli_taken){ folder, class, 0 }, f->taken, (size_t)f->n_taken, sizeof *f->taken, by_class);
    return found ? found->times : 0;
}

int32_t cli_learn_mistaken(const cli_learning *w, const cli_findings *f, int folder, int *times)
{
    int32_t most = -1;
    *times = 0;
    int low = 0, high = f->n_taken;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (f->taken[middle].folder < folder)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < f->n_taken && f->taken[low].folder == folder; low++) {
        const cli_taken *t = &f->taken[low];
        if (t->class < 0 || t->class == w->new_class[folder] || t->times <= *times) continue;
        *times = t->times;
        most = t->class;
    }
    return most;
}

static const float *vector(const cli_learning *w, int32_t i)
{
    return w->vectors + (size_t)i * (size_t)w->size;
}

/* What stands before the end is done by the lane, so that a compiler may do several at once. */
static double product(const float *x, const float *y, int32_t n)
{
    enum { LANES = 16 };
    float lane[LANES] = { 0 };
    double sum = 0;
    int32_t k = 0;
    for (; k + LANES <= n; k += LANES)
        for (int32_t j = 0; j < LANES; j++) lane[j] += x[k + j] * y[k + j];
    for (int32_t j = 0; j < LANES; j++) sum += (double)lane[j];
    for (; k < n; k++) sum += (double)x[k] * (double)y[k];
    return sum;
}

static double likeness(const cli_learning *w, const double *lengths, int32_t a, int32_t b)
{
    const double both = lengths[a] * lengths[b];
    return both > 0 && isfinite(both) ? product(vector(w, a), vector(w, b), w->size) / both : 0;
}

static double *all_lengths(const cli_learning *w)
{
    double *lengths = cli_alloc((size_t)w->n + 1, sizeof *lengths);
    for (int32_t i = 0; i < w->n; i++) {
        for (int32_t k = 0; k < w->size; k++) lengths[i] += (double)vector(w, i)[k] * (double)vector(w, i)[k];
        lengths[i] = sqrt(lengths[i]);
    }
    return lengths;
}

static bool same_print(uint64_t a, uint64_t b)
{
    int bits = 0;
    for (uint64_t d = a ^ b; d && bits <= PRINT_BITS; d &= d - 1) bits++;
    return bits <= PRINT_BITS;
}

/* What is most like vector i of those that are learnt from, or of those with the same print. */
static cli_pair nearest(const cli_learning *w, const double *lengths, int32_t i, bool same)
{
    const cli_lesson *seen = &w->pictures.items[w->picture_of[i]];
    cli_pair best = { seen, NULL, -2 };
    for (int32_t k = 0; k < w->n_learnt; k++) {
        const cli_lesson *learnt = &w->pictures.items[w->picture_of[k]];
        if (same && !same_print(seen->print, learnt->print)) continue;
        const double here = likeness(w, lengths, i, k);
        if (here > best.likeness) best.learnt = learnt, best.likeness = here;
    }
    return best;
}

/* The surest first; of equals in the order of names, that the report is the same each time. */
static int by_score(const void *a, const void *b)
{
    const cli_pair *x = a, *y = b;
    if (x->seen->score != y->seen->score) return x->seen->score > y->seen->score ? -1 : 1;
    return x->seen < y->seen ? -1 : x->seen > y->seen;
}

static int by_name(const void *a, const void *b)
{
    const cli_pair *x = a, *y = b;
    return x->seen < y->seen ? -1 : x->seen > y->seen;
}

/* Mistakes for which what is most alike is looked for: the surest. With more of them nobody looks at each. */
enum { COMPARED = 1000 };

static void compare(const cli_learning *w, cli_findings *f)
{
    double *lengths = all_lengths(w);
    int32_t *place = cli_alloc((size_t)w->pictures.n + 1, sizeof *place);
    for (int32_t i = w->n_learnt; i < w->n; i++) {
        const cli_lesson *p = &w->pictures.items[w->picture_of[i]];
        place[w->picture_of[i]] = i;
        if (!cli_lesson_is_examined(p)) continue;
        const cli_pair twin = nearest(w, lengths, i, true);
        if (twin.learnt && twin.likeness >= TWIN_LIKENESS) f->twins[f->n_twins++] = twin;
        if (p->place != 1) f->mistakes[f->n_mistakes++] = (cli_pair){ p, NULL, 0 };
    }
    qsort(f->mistakes, (size_t)f->n_mistakes, sizeof *f->mistakes, by_score);
    qsort(f->twins, (size_t)f->n_twins, sizeof *f->twins, by_name);
    for (int i = 0; i < f->n_mistakes && i < COMPARED; i++)
        f->mistakes[i] = nearest(w, lengths, place[f->mistakes[i].seen - w->pictures.items], false);
    free(place);
    free(lengths);
}

cli_findings cli_learn_find(const cli_learning *w)
{
    const size_t most = (size_t)(w->n - w->n_learnt) + 1;
    cli_findings f = { .mistakes = cli_alloc(most, sizeof *f.mistakes), .twins = cli_alloc(most, sizeof *f.twins) };
    count(w, &f);
    compare(w, &f);
    return f;
}

void cli_findings_release(cli_findings *f)
{
    free(f->mistakes);
    free(f->twins);
    free(f->taken);
    free(f->marks);
    free(f->learnt);
    *f = (cli_findings){ 0 };
}
