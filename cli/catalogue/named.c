/* SPDX-License-Identifier: Apache-2.0 */
/* See named.h. */
#include "catalogue/named.h"

#include "catalogue/shelf.h"

static cli_common_settings *common_in(const cli_verb *verb, void *settings)
{
    return (cli_common_settings *)((char *)settings + verb->common_at);
}

/* A file in the place of a name. */
static int put(cli_list *named, cli_kind kind, const char **text)
{
    char *file;
    const int code = *text ? cli_shelf_resolve(kind, *text, &file) : CLI_DONE;
    if (code || !*text || !file) return code;
    cli_list_add(named, file);
    *text = file;
    return CLI_DONE;
}

static int put_in_list(cli_list *named, cli_kind kind, cli_list *list)
{
    int code = CLI_DONE;
    for (int i = 0; i < list->n && !code; i++) code = put(named, kind, &list->items[i]);
    return code;
}

/* Labels of models where none are given: as many as are known from the first model on. */
static void add_labels(cli_list *named, const cli_list *models, cli_list *labels)
{
    char *found;
    for (int i = 0; i < models->n && (found = cli_shelf_labels(models->items[i])) != NULL; i++) {
        cli_list_add(named, found);
        cli_list_add(labels, found);
    }
}

static int put_in_lists(const cli_verb *verb, void *settings, cli_list *named)
{
    int code = CLI_DONE;
    cli_list *models = NULL, *labels = NULL;
    for (const cli_part *p = verb->parts; p->group; p++)
        for (const cli_option *o = p->group->options; o->name && !code; o++) {
            cli_list *list = (cli_list *)((char *)settings + p->at + o->at);
            if (o->kind != CLI_MODEL_LIST && o->kind != CLI_LABELS_LIST) continue;
            code = put_in_list(named, o->kind == CLI_MODEL_LIST ? CLI_MODEL : CLI_LABELS, list);
            *(o->kind == CLI_MODEL_LIST ? &models : &labels) = list;
        }
    if (!code && models && labels && !labels->n) add_labels(named, models, labels);
    return code;
}

static int put_in_options(const cli_verb *verb, void *settings, cli_list *named)
{
    int code = CLI_DONE;
    const char *model = NULL, **labels = NULL;
    for (const cli_part *p = verb->parts; p->group; p++)
        for (const cli_option *o = p->group->options; o->name && !code; o++) {
            const char **text = (const char **)((char *)settings + p->at + o->at);
            if (o->kind != CLI_MODEL && o->kind != CLI_LABELS) continue;
            code = put(named, o->kind, text);
            if (o->kind == CLI_LABELS) labels = text;
            if (o->kind == CLI_MODEL && !model) model = *text;
        }
    char *found = !code && model && labels && !*labels ? cli_shelf_labels(model) : NULL;
    if (found) cli_list_add(named, *labels = found);
    return code;
}

int cli_name_files(const cli_verb *verb, void *settings)
{
    cli_common_settings *common = common_in(verb, settings);
    cli_list *operands = (cli_list *)((char *)settings + verb->operands_at);
    if (common->help || common->version) return CLI_DONE;
    int code = put_in_options(verb, settings, &common->named);
    if (!code) code = put_in_lists(verb, settings, &common->named);
    for (int i = 0; i < operands->n && !code && verb->operands_name_models; i++) code = put(&common->named, CLI_MODEL, &operands->items[i]);
    return code;
}
