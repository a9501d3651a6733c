import { defineConfig } from 'vitest/config';

// Two projects: `fast` is the README's test command, `long` holds runs of minutes (`*.long.test.ts`).
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'fast',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['**/*.long.test.ts', 'node_modules/**'],
          globalSetup: ['test/cluster.ts', 'test/pages.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'long',
          include: ['src/**/*.long.test.ts', 'test/**/*.long.test.ts'],
          globalSetup: ['test/cluster.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
