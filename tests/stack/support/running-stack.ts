/** A stack that runs already, by these three variables: the one of docker-compose.yml, for example. */
export type RunningStack = { otlpUrl: string; jaegerUrl: string; prometheusUrl: string };

const VARIABLES = {
  otlpUrl: 'STACK_OTLP_URL',
  jaegerUrl: 'STACK_JAEGER_URL',
  prometheusUrl: 'STACK_PROMETHEUS_URL',
} as const;

/** Null where none of the variables is set; throws where only some of them are. */
export const runningStack = (env: NodeJS.ProcessEnv = process.env): RunningStack | null => {
  const names = Object.values(VARIABLES);
  const missing = names.filter((name) => !env[name]);
  if (missing.length === names.length) return null;
  if (missing.length > 0) {
    throw new Error(
      `to ask a stack that runs already, set ${names.join(', ')}; not set: ${missing.join(', ')}`,
    );
  }
  return {
    otlpUrl: env[VARIABLES.otlpUrl] ?? '',
    jaegerUrl: env[VARIABLES.jaegerUrl] ?? '',
    prometheusUrl: env[VARIABLES.prometheusUrl] ?? '',
  };
};
