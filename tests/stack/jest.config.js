import plain from '../../jest.config.js';
import { runningStack } from './support/running-stack.ts';

/** The stack test: the same transform, its own files, one after the other. A stack that runs already is only asked, never stopped. */
const runsAlready = runningStack() !== null;

/** @type {import('jest').Config} */
export default {
  ...plain,
  rootDir: '../..',
  testMatch: [`<rootDir>/tests/stack/${runsAlready ? 'request' : '*'}.test.ts`],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
