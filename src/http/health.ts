/** How the gateway is, for people and probes; nothing secret. */
export interface Health {
  readonly ready: boolean;
  readonly version: string;
  readonly backend: { readonly ready: boolean; readonly restarts: number };
  readonly openRequests: number;
}

export const healthReport = ({ ready, version, backend, openRequests }: Health) => ({
  status: ready ? 'ok' : 'unavailable',
  version,
  backend,
  open_requests: openRequests,
});
