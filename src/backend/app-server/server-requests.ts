import type { RpcAnswer } from './rpc/connection.ts';

/**
 * How the gateway answers what the app-server asks of it. Nobody sits in front of a gateway to approve anything,
 * so approvals are declined by policy; what we do not know is refused by the protocol's own code.
 */
const ANSWERS: Readonly<Record<string, unknown>> = {
  'item/commandExecution/requestApproval': { decision: 'decline' },
  'item/fileChange/requestApproval': { decision: 'decline' },
  'item/permissions/requestApproval': { permissions: {}, scope: 'turn' },
  'item/tool/requestUserInput': { answers: {} },
  'mcpServer/elicitation/request': { action: 'decline', content: null },
  'item/tool/call': {
    contentItems: [{ type: 'inputText', text: 'This gateway has no such tool.' }],
    success: false,
  },
  execCommandApproval: { decision: 'denied' },
  applyPatchApproval: { decision: 'denied' },
};

const METHOD_NOT_FOUND = -32601;

/** For a tool of the client's: the call is in the answer to the client, and the result comes with another request, on another thread. */
const LEFT_TO_THE_CLIENT = {
  result: {
    contentItems: [{ type: 'inputText', text: 'The client runs this tool and brings its result.' }],
    success: false,
  },
};

/** A turn whose client may have tools of its own. */
interface Asked {
  ask(params: unknown): boolean;
  readonly turn: { readonly turnCompleted: Promise<void> };
}

/**
 * Answers at once, but for a call of a tool of the client's: that one is answered when its turn is over, because the model would
 * be called again with whatever is said before.
 */
export const answerServerRequest = (
  { method, params }: { readonly method: string; readonly params?: unknown },
  asked?: Asked | undefined,
): RpcAnswer | Promise<RpcAnswer> => {
  if (method === 'item/tool/call' && asked?.ask(params)) {
    return asked.turn.turnCompleted.then(() => LEFT_TO_THE_CLIENT);
  }
  return Object.hasOwn(ANSWERS, method)
    ? { result: ANSWERS[method] }
    : { error: { code: METHOD_NOT_FOUND, message: `the gateway does not answer ${method}` } };
};
