/* SPDX-License-Identifier: Apache-2.0 */
/* The interface of DeepStack and CodeProject.AI: a picture in a form, boxes as JSON.
 *
 * Source  https://docs.deepstack.cc/object-detection/, https://docs.deepstack.cc/face-detection/, https://docs.deepstack.cc/custom-models/ and
 *         https://www.codeproject.com/ai/docs/api/api_reference.html */
#ifndef CLI_SERVE_DEEPSTACK_H
#define CLI_SERVE_DEEPSTACK_H

#include "serve/http.h"
#include "serve/served.h"

/* Reads the form, runs the model on its picture and answers. Of faces no label is told. */
void cli_deepstack(cli_served *v, int seat, cli_request *r, bool face);
/* An answer {"success": false, "error": ..}. */
void cli_deepstack_refuse(cli_request *r, int status, const char *text);
/* The access token that a form brings as `api_key`, compared with `token`. */
bool cli_deepstack_may(const cli_request *r, const char *token);

#endif
