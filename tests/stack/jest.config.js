import plain from '../../jest.config.js';

/** The stack test: the same transform, its own files, one after the other. A stack that runs already is only asked, never stopped. */
const runsAlready = process.env.STACK_OTLP_URL && process.env.STACK_JAEGER_URL;

/** @type {import('jest').Config} */
export default {
  ...plain,
  rootDir: '../..',
  testMatch: [`<rootDir>/tests/stack/${runsAlready ? 'request' : '*'}.test.ts`],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 90_000,
  maxWorkers: 1,
};
