import {
  composeFile,
  dockerfile,
  mountsOf,
  readText,
  readYaml,
  withDefaults,
} from './support/stack-files.ts';

const compose = composeFile.parse(readYaml('docker-compose.yml'));
const services = Object.entries(compose.services);

interface Image {
  readonly user: string;
  /** The folders that its user owns: a new volume that is mounted there becomes the user's. */
  readonly owns: readonly string[];
  /** What in it can ask an HTTP address. */
  readonly probe: string | undefined;
}

/** The images, in the versions of the compose file, as their own Dockerfiles make them. */
const IMAGES: Readonly<Record<string, Image>> = {
  'throughline-gateway:0.1.0': { user: 'node', owns: ['/data', '/data/codex'], probe: 'node' },
  'otel/opentelemetry-collector-contrib:0.155.0': { user: '10001', owns: [], probe: undefined },
  'jaegertracing/all-in-one:1.62.0': { user: '10001', owns: [], probe: 'wget' },
  'prom/prometheus:v3.5.0': { user: 'nobody', owns: ['/prometheus'], probe: 'wget' },
  'grafana/grafana:12.2.0': { user: '472', owns: ['/var/lib/grafana'], probe: 'wget' },
  'grafana/tempo:2.8.2': { user: '10001', owns: ['/var/tempo'], probe: '/busybox/wget' },
  'grafana/loki:3.5.3': { user: '10001', owns: ['/loki'], probe: '/busybox/wget' },
};

describe.each(services)('%s', (_, service) => {
  const image = IMAGES[withDefaults(service.image)];

  it('can write to its volumes: as the user of its image, or as root where that user owns no such folder', () => {
    const volumes = mountsOf(service).filter(({ isFile }) => !isFile);
    expect(volumes.length).toBeGreaterThan(0);
    // Root has no capability here: what others own is closed to it.
    const isOwn = volumes.map(({ target }) => image?.owns.includes(target));
    expect(isOwn).toEqual(isOwn.map(() => service.user === undefined));
    expect([undefined, '0:0']).toContain(service.user);
  });

  it('is asked how it is by a program that its image has', () => {
    const asked = service.healthcheck?.test[1] ?? (service.build && 'node');
    expect(asked).toBe(image?.probe);
  });
});

test('the image of the gateway is as this table says', () => {
  const [folders] = dockerfile().filter((line) => line.includes('install -d -o node'));
  for (const folder of IMAGES['throughline-gateway:0.1.0']?.owns ?? [])
    expect(folders).toMatch(new RegExp(` ${folder}( |$)`));
});

test('the version of Compose that the file needs is written down', () => {
  // `required` of `env_file`.
  expect(readText('docs/docker.md')).toContain('Docker Compose 2.24 or later');
  expect(readText('README.md')).toContain('Docker Compose 2.24 or later');
});
