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

export const answerServerRequest = (method: string): RpcAnswer =>
  Object.hasOwn(ANSWERS, method)
    ? { result: ANSWERS[method] }
    : { error: { code: METHOD_NOT_FOUND, message: `the gateway does not answer ${method}` } };
