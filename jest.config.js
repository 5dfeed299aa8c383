/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/tests/stack/',
    '<rootDir>/tests/llama/',
    '<rootDir>/tests/long/',
  ],
  modulePathIgnorePatterns: ['<rootDir>/tests/codex/node_modules', '<rootDir>/tests/clients/.*/node_modules'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' } }] },
  testTimeout: 120_000,
  maxWorkers: 2,
};
