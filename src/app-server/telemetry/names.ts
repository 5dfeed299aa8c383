/**
 * Attribute names. Copied, not imported, so that a start of this process loads no second package for a few strings:
 * `rpc.*`, `error.type` and `network.transport` are core 1.45, `gen_ai.*` core 1.41; the ones that say "old" are what
 * the conventions called them before 1.40, for dashboards that still read those.
 */
export const RPC_SYSTEM_NAME = 'rpc.system.name';
export const RPC_SYSTEM_OLD = 'rpc.system';
export const RPC_SERVICE_OLD = 'rpc.service';
export const RPC_TRANSPORT_OLD = 'rpc.transport';
export const RPC_REQUEST_ID_OLD = 'rpc.request_id';
export const RPC_METHOD = 'rpc.method';
export const RPC_METHOD_ORIGINAL = 'rpc.method_original';
export const RPC_STATUS_CODE = 'rpc.status_code';
export const JSONRPC_REQUEST_ID = 'jsonrpc.request.id';
export const NETWORK_TRANSPORT = 'network.transport';
export const ERROR_TYPE = 'error.type';

export const CONNECTION_ID = 'app_server.connection_id';
export const API_VERSION = 'app_server.api_version';
export const CLIENT_NAME = 'app_server.client_name';
export const CLIENT_VERSION = 'app_server.client_version';
export const THREAD_ID = 'app_server.thread_id';
export const TURN_ID = 'app_server.turn_id';
export const TURN_KIND = 'app_server.turn_kind';
export const TURN_STATUS = 'app_server.turn_status';
export const REQ_ID = 'req_id';

export const GEN_AI_OPERATION = 'gen_ai.operation.name';
export const GEN_AI_REQUEST_MODEL = 'gen_ai.request.model';
export const GEN_AI_FIRST_CHUNK = 'gen_ai.response.time_to_first_chunk';
export const GEN_AI_INPUT_TOKENS = 'gen_ai.usage.input_tokens';
export const GEN_AI_CACHED_TOKENS = 'gen_ai.usage.cache_read.input_tokens';
export const GEN_AI_CACHE_WRITE_TOKENS = 'gen_ai.usage.cache_creation.input_tokens';
export const GEN_AI_OUTPUT_TOKENS = 'gen_ai.usage.output_tokens';
export const GEN_AI_REASONING_TOKENS = 'gen_ai.usage.reasoning.output_tokens';
export const GEN_AI_TOOL_NAME = 'gen_ai.tool.name';
export const GEN_AI_TOOL_CALL_ID = 'gen_ai.tool.call.id';
export const GEN_AI_TOOL_TYPE = 'gen_ai.tool.type';

/** The tracestate member that carries the request id of the gateway. */
export const TRACESTATE_MEMBER = 'throughline';

/** Said on a request's span when its `trace` could not be used. */
export const INVALID_CARRIER_EVENT = 'app_server.invalid_trace_carrier';
