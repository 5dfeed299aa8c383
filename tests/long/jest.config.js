import plain from '../../jest.config.js';

/** What waits for real deadlines, or moves many bytes: the same transform, its own files. */
/** @type {import('jest').Config} */
export default {
  ...plain,
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/long/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
