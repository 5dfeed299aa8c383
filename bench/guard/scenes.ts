import { ROWS, type Row } from '../rows.ts';
import { bodyOf, type Scene, sceneOf } from '../scenes.ts';

/** One kind of request on one of the gateway's backends, with everything on. */
export interface GuardScene {
  readonly name: string;
  readonly row: Row;
  readonly scene: Scene;
  readonly body: string;
}

const rowOf = (name: string): Row => {
  const row = ROWS.find((each) => each.name === name);
  if (!row) throw new Error(`there is no row ${name}`);
  return row;
};

const guardScene = (backend: string, rowName: string, sceneName: string): GuardScene => {
  const [row, scene] = [rowOf(rowName), sceneOf(sceneName)];
  return { name: `${backend}, ${sceneName}`, row, scene, body: bodyOf(scene, row.model) };
};

export const GUARD_SCENES: readonly GuardScene[] = [
  guardScene('http', 'full', 'plain'),
  guardScene('http', 'full', 'stream-64'),
  guardScene('app-server', 'app-full', 'plain'),
  guardScene('app-server', 'app-full', 'stream-64'),
];

/** Those whose system calls are counted: the gateway's own sockets, to its client and to the server. */
export const TRACED_SCENES: readonly GuardScene[] = GUARD_SCENES.filter(({ name }) =>
  name.startsWith('http,'),
);
