import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collector, startCollector } from './collector.ts';
import { type Jaeger, startJaeger } from './jaeger.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import { type RunningStack, runningStack } from './running-stack.ts';

/** A stack of our own: its parts can be stopped and started. */
export type LocalStack = {
  collector: Collector;
  jaeger: Jaeger;
  folder: string;
  stop(): Promise<void>;
};

/** What every test of a request needs, whoever runs the stack. */
export type Stack = RunningStack & { stop(): Promise<void> };

export const startLocalStack = async (env: Record<string, string> = {}): Promise<LocalStack> => {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-stack-'));
  const jaeger = await startJaeger(folder);
  const collector = await startCollector({ folder, jaegerOtlp: jaeger.otlp, env });
  return {
    collector,
    jaeger,
    folder,
    async stop() {
      await Promise.all([collector.stop(), jaeger.service().stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
};

export const startStack = async (): Promise<Stack> => {
  const running = runningStack();
  if (running) return { ...running, stop: () => Promise.resolve() };
  const local = await startLocalStack();
  const prometheus: Prometheus = await startPrometheus(local.folder, local.collector.ports);
  return {
    otlpUrl: local.collector.otlpUrl,
    jaegerUrl: local.jaeger.queryUrl,
    prometheusUrl: prometheus.url,
    async stop() {
      await prometheus.service.stop();
      await local.stop();
    },
  };
};
