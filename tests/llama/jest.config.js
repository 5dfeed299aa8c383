import plain from '../../jest.config.js';

/** A server of somebody else's: the same transform, its own files, one after the other. */
/** @type {import('jest').Config} */
export default {
  ...plain,
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/llama/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
