/* SPDX-License-Identifier: Apache-2.0 */
/* The check program: build/tests/check AREA [options of the area]. */
#include "areas.h"
#include "check.h"

int main(int argc, char **argv)
{
    static const check_area areas[] = {
        { "abi", area_abi },
        { "backend", area_backend },
        { "base", area_base },
        { "check", area_check },
        { "codegen", area_codegen },
        { "engine_binding", area_engine_binding },
        { "cores", area_cores },
        { "edit", area_edit },
        { "emulator", area_emulator },
        { "engine_segments", area_engine_segments },
        { "engine_shared", area_engine_shared },
        { "engine_supervisor", area_engine_supervisor },
        { "engine_tensors", area_engine_tensors },
        { "firmware", area_firmware },
        { "flex", area_flex },
        { "few", area_few },
        { "float_mode", area_float_mode },
        { "graph", area_graph },
        { "graph_arithmetic", area_graph_arithmetic },
        { "graph_flow", area_graph_flow },
        { "graph_fold", area_graph_fold },
        { "graph_limits", area_graph_limits },
        { "hostile", area_hostile },
        { "kernels", area_kernels },
        { "learn", area_learn },
        { "list_operators", area_list_operators },
        { "metadata", area_metadata },
        { "model", area_model },
        { "model_broken", area_model_broken },
        { "model_twin", area_model_twin },
        { "model_write", area_model_write },
        { "models", area_models },
        { "ops", area_ops },
        { "package", area_package },
        { "package_verify", area_package_verify },
        { "package_written", area_package_written },
        { "posenet", area_posenet },
        { "program", area_program },
        { "quantize", area_quantize },
        { "registry", area_registry },
        { "reweight", area_reweight },
        { "session", area_session },
        { "stick", area_stick },
        { "stream", area_stream },
        { "threads", area_threads },
        { "track", area_track },
        { "trace_model", area_trace_model },
        { "vision", area_vision },
    };
    return check_areas(argc, argv, areas, sizeof areas / sizeof areas[0]);
}
