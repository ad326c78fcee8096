/* SPDX-License-Identifier: Apache-2.0 */
/* See groups.h. */
#include "report/groups.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "io/say.h"

/* Every input of `second` is an output of `first`: they are pieces of one model, for a device each. */
static bool feeds(const crl_package *first, const crl_package *second)
{
    for (int32_t i = 0; i < second->running->n_inputs; i++) {
        bool found = false;
        for (int32_t k = 0; k < first->running->n_outputs; k++)
            found |= !strcmp(second->running->inputs[i].name, first->running->outputs[k].name);
        if (!found) return false;
    }
    return second->running->n_inputs > 0;
}

const char *cli_package_relation(const crl_package *one, const crl_package *other)
{
    if (one->running->token != other->running->token) return "none";
    if (feeds(one, other)) return "segment_behind";
    return feeds(other, one) ? "segment_before" : "compiled_together";
}

/* Places of the models that share the token of model `first`. Returns how many they are. */
static int members_of(const cli_grouped *all, int n, int first, int *members)
{
    int count = 0;
    for (int i = first; i < n; i++)
        if (all[i].package && all[i].package->running->token == all[first].package->running->token) members[count++] = i;
    return count;
}

static bool is_new(const cli_grouped *all, int i)
{
    bool seen = !all[i].package;
    for (int k = 0; k < i && !seen; k++) seen = all[k].package && all[k].package->running->token == all[i].package->running->token;
    return !seen;
}

/* Puts those in front that others need. Returns whether there are such. Of pieces that need each other the first stays first. */
static bool put_in_order(const cli_grouped *all, int *members, int count)
{
    bool segments = false;
    for (int at = 0; at < count; at++) {
        int chosen = at;
        bool free_to_run = false;
        for (int i = at; i < count && !free_to_run; i++) {
            free_to_run = true;
            for (int k = at; k < count; k++)
                if (k != i && feeds(all[members[k]].package, all[members[i]].package)) free_to_run = false, segments = true;
            if (free_to_run) chosen = i;
        }
        const int moved = members[chosen];
        memmove(members + at + 1, members + at, (size_t)(chosen - at) * sizeof *members);
        members[at] = moved;
    }
    return segments;
}

/* None overwrites what another has cached. */
static bool all_stay(const cli_grouped *all, const int *members, int count)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; k < count; k++) {
            bool together = false;
            crl_error err;
            if (i != k && (crl_packages_together(all[members[i]].package, all[members[k]].package, &together, &err) || !together)) return false;
        }
    return true;
}

typedef void take_group(void *user, const cli_grouped *all, const int *members, int count, bool segments);

static void for_each_group(const cli_grouped *all, int n, take_group *take, void *user)
{
    int *members = cli_alloc((size_t)n + 1, sizeof *members);
    for (int i = 0; i < n; i++) {
        if (!is_new(all, i)) continue;
        const int count = members_of(all, n, i, members);
        take(user, all, members, count, put_in_order(all, members, count));
    }
    free(members);
}

static void print_group(void *user, const cli_grouped *all, const int *members, int count, bool segments)
{
    (void)user;
    printf("  token %016" PRIx64 ": ", all[members[0]].package->running->token);
    if (count == 1)
        puts("by itself");
    else if (segments)
        puts("segments of one model, each for a device of its own, in this order");
    else
        printf("compiled together; each other's cached parameters %s\n", all_stay(all, members, count) ? "stay" : "are written over");
    for (int i = 0; i < count; i++) {
        char *clean = cli_clean(all[members[i]].name, CLI_FOR_TERMINAL), size[32];
        const crl_package *p = all[members[i]].package;
        printf("    %s: %s cached\n", clean, cli_bytes_text(p->caching ? (double)p->caching->parameter_bytes : 0, size));
        free(clean);
    }
}

void cli_groups_print(const cli_grouped *all, int n)
{
    int compiled = 0;
    for (int i = 0; i < n; i++) compiled += all[i].package != NULL;
    if (!compiled) return;
    puts("\nWhich of the compiled models belong together");
    for_each_group(all, n, print_group, NULL);
}

static void add_group(void *user, const cli_grouped *all, const int *members, int count, bool segments)
{
    json_t *o = json_object(), *names = json_array();
    char token[17];
    snprintf(token, sizeof token, "%016" PRIx64, all[members[0]].package->running->token);
    for (int i = 0; i < count; i++) json_array_append_new(names, cli_json_text(all[members[i]].name));
    json_object_set_new(o, "kind", json_string(count == 1 ? "alone" : segments ? "segments" : "compiled_together"));
    json_object_set_new(o, "token", json_string(token));
    json_object_set_new(o, "models", names);
    json_object_set_new(o, "parameters_stay", json_boolean(all_stay(all, members, count)));
    json_array_append_new(user, o);
}

json_t *cli_groups_json(const cli_grouped *all, int n)
{
    json_t *list = json_array();
    for_each_group(all, n, add_group, list);
    return list;
}
