import { readFile } from 'node:fs/promises';

/** How a process is started. */
export interface Start {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A table, a table below it, a dotted key or an inline table; what only looks like one counts too, since to override is worse. */
const OTEL_SECTION = /^[ \t]*(?:\[[ \t]*)?(?:otel|"otel"|'otel')[ \t]*(?:\]|\.|=[ \t]*\{)/m;

/** Codex refuses to start where its exporter is told to compress, and samples by itself where a sampler is named. */
const NOT_FOR_CODEX = /^OTEL_(?:EXPORTER_OTLP_(?:TRACES_)?COMPRESSION|TRACES_SAMPLER(?:_ARG)?)$/;

/** Codex's own would be several seconds, after which nobody looks for the spans of a request any more. */
const EXPORT_DELAY_MS = '1000';

/** A turn has some 340 spans, so Codex's own 2048 are six turns at once; what comes on top is lost. */
const QUEUE_SIZE = '32768';

/** Whether one of these `config.toml` files says where Codex's spans go. One that is there and cannot be read may say so. */
export const hasOwnOtel = async (paths: readonly string[]): Promise<boolean> => {
  const found = await Promise.all(
    paths.map((path) =>
      readFile(path, 'utf8').then(
        (toml) => OTEL_SECTION.test(toml),
        (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
      ),
    ),
  );
  return found.includes(true);
};

/** Where Codex shall send its spans. Who knows the header may write spans, so it is no matter for a command line. */
interface SpansTo {
  readonly url: string;
  readonly header: { readonly name: string; readonly value: string };
}

/** Has Codex run commands with the usual variables alone, whatever it has got itself. Every thread is told the same. */
export const withCoreEnvironment = ({ command, env }: Start): Start => ({
  command: [...command, '-c', 'shell_environment_policy.inherit="core"'],
  env,
});

/** Has Codex send its spans to this URL on loopback, also where a proxy stands before all other URLs. */
export const withSpansTo = ({ url, header }: SpansTo, { command, env }: Start): Start => {
  const exporter = `{otlp-http={endpoint="${url}",protocol="json"}}`;
  const direct = [env['NO_PROXY'] || env['no_proxy'], new URL(url).hostname].filter(Boolean).join(',');
  const kept = Object.entries(env).filter(([name]) => !NOT_FOR_CODEX.test(name));
  return {
    command: [...command, '-c', `otel.trace_exporter=${exporter}`],
    env: {
      OTEL_BSP_SCHEDULE_DELAY: EXPORT_DELAY_MS,
      OTEL_BSP_MAX_QUEUE_SIZE: QUEUE_SIZE,
      ...Object.fromEntries(kept),
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: `${header.name}=${header.value}`,
      NO_PROXY: direct,
    },
  };
};
