const shared = {
  roots: ['<rootDir>/test'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  restoreMocks: true,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

const project = (name) => ({
  ...shared,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
});

export default {
  coverageProvider: 'v8',
  // More than cores: most tests wait for sockets and timers, few compute.
  maxWorkers: 4,
  testSequencer: '<rootDir>/scripts/lib/jest-order.mjs',
  // Ends what hangs; a busy machine may take long over what does not.
  testTimeout: 45_000,
  projects: [
    ...['unit', 'contract', 'integration'].map(project),
    { ...project('e2e'), globalSetup: '<rootDir>/test/support/build.mjs' },
  ],
};
