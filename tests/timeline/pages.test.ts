import { createLogFolder, type LogFolder } from './log-folder.ts';
import { createMirrorBuilder } from './mirror-builder.ts';

describe('a page that the gateway serves by itself', () => {
  let logs: LogFolder;
  beforeEach(async () => {
    logs = await createLogFolder();
  });
  afterEach(() => logs.remove());

  it.each(['/', '/docs', '/openapi.json'])(
    '%s has ended with its SERVER span, and lacks nothing',
    async (path) => {
      const mirror = createMirrorBuilder();
      const attributes = {
        'http.request.method': 'GET',
        'http.route': path,
        'http.response.status_code': 200,
      };
      mirror.span({
        name: `GET ${path}`,
        id: 'page',
        parent: null,
        kind: 'SERVER',
        service: 'throughline',
        from: 0,
        to: 6,
        attributes,
      });
      await logs.record({ proto: mirror.lines, usage: [{}], access: [{}] });
      const { attempts, spans, notes } = await logs.read(mirror.reqId);
      expect(attempts).toMatchObject([
        { ended: true, outcome: null, route: path, method: 'GET', statusCode: 200, durationMs: 6 },
      ]);
      expect(spans).toMatchObject([{ name: `GET ${path}`, children: [] }]);
      expect(notes).toEqual([]);
    },
  );
});
