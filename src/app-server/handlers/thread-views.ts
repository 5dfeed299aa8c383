import type { ProtocolTurn } from '../../app-server-protocol/index.ts';
import type { Thread, ThreadSettings } from '../core/thread.ts';
import { VERSION } from './initialize.ts';

export const PROVIDER = 'throughline';

const seconds = (ms: number) => Math.floor(ms / 1000);

/** A thread in the real server's shape; what this server has no notion of is null. */
export const threadView = (thread: Thread, turns: readonly ProtocolTurn[] = []) => {
  const { cwd, ephemeral, forkedFromId, originator } = thread.settings;
  return {
    id: thread.id,
    environments: [{ environmentId: 'local', cwd, runtimeWorkspaceRoots: [cwd] }],
    extra: null,
    sessionId: thread.id,
    forkedFromId,
    attachedToThreadId: null,
    parentThreadId: null,
    preview: thread.preview,
    ephemeral,
    section: null,
    sectionEnteredAt: null,
    projectId: null,
    historyMode: 'paginated',
    modelProvider: PROVIDER,
    model: thread.model,
    reasoningEffort: null,
    createdAt: seconds(thread.createdAtMs),
    updatedAt: seconds(thread.updatedAtMs),
    recencyAt: seconds(thread.updatedAtMs),
    status: thread.status,
    path: null,
    cwd,
    cliVersion: VERSION,
    originator,
    source: 'appServer',
    canAcceptDirectInput: true,
    threadSource: null,
    agentNickname: null,
    agentRole: null,
    gitInfo: null,
    name: null,
    daybreakEnabled: null,
    turns,
  };
};

const sandboxView = ({ sandbox, cwd }: ThreadSettings) => {
  switch (sandbox) {
    case 'read-only':
      return { type: 'readOnly', networkAccess: false };
    case 'danger-full-access':
      return { type: 'dangerFullAccess' };
    case 'workspace-write':
      return {
        ...{ type: 'workspaceWrite', writableRoots: [cwd], networkAccess: false },
        ...{ excludeTmpdirEnvVar: false, excludeSlashTmp: false },
      };
  }
};

/** The answer to `thread/start`, `thread/resume` and `thread/fork`. */
export const threadResponse = (thread: Thread, turns: readonly ProtocolTurn[] = []) => ({
  thread: threadView(thread, turns),
  model: thread.model,
  modelProvider: PROVIDER,
  serviceTier: null,
  disabledPluginIds: [],
  cwd: thread.settings.cwd,
  runtimeWorkspaceRoots: [thread.settings.cwd],
  instructionSources: [],
  approvalPolicy: thread.settings.approvalPolicy,
  approvalsReviewer: 'user',
  sandbox: sandboxView(thread.settings),
  activePermissionProfile: null,
  reasoningEffort: null,
  multiAgentMode: 'explicitRequestOnly',
});
