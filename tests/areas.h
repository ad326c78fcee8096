/* SPDX-License-Identifier: Apache-2.0 */
/* The areas: what one test of meson runs, each in the place of a main(). Those of tests/main.c are one program, for linking
 * takes longer than compiling what was touched; those of tests/oom another, which has its own malloc. */
#ifndef TESTS_AREAS_H
#define TESTS_AREAS_H

/* argv[0] is the name of the area. Returns an exit status. */
typedef int area_main(int argc, char **argv);

area_main area_account;
area_main area_abi;
area_main area_backend;
area_main area_base;
area_main area_check;
area_main area_codegen;
area_main area_engine_binding;
area_main area_cores;
area_main area_edit;
area_main area_emulator;
area_main area_engine_segments;
area_main area_engine_shared;
area_main area_engine_supervisor;
area_main area_engine_tensors;
area_main area_flex;
area_main area_few;
area_main area_float_mode;
area_main area_firmware;
area_main area_follow;
area_main area_graph;
area_main area_graph_arithmetic;
area_main area_graph_flow;
area_main area_graph_fold;
area_main area_graph_limits;
area_main area_hostile;
area_main area_kernels;
area_main area_learn;
area_main area_list_operators;
area_main area_metadata;
area_main area_model;
area_main area_model_broken;
area_main area_model_twin;
area_main area_model_write;
area_main area_models;
area_main area_oom;
area_main area_ops;
area_main area_package;
area_main area_package_verify;
area_main area_package_written;
area_main area_posenet;
area_main area_program;
area_main area_quantize;
area_main area_registry;
area_main area_resized;
area_main area_reweight;
area_main area_serve;
area_main area_session;
area_main area_stick;
area_main area_session_memory;
area_main area_stream;
area_main area_threads;
area_main area_track;
area_main area_trace_model;
area_main area_transposed;
area_main area_vision;

#endif
