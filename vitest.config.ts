import { defineConfig } from 'vitest/config';

// type-graphql is CommonJS and would load a second copy of graphql: one name, one file.
const alias = [{ find: /^graphql$/, replacement: 'graphql/index.js' }];

// Has Tarantool installed where it can be, as `npm start` does.
const withTarantool = ['test/support/tarantool-setup.ts'];

// Has a browser installed where it can be, and the pages built.
const withBrowser = [...withTarantool, 'test/support/browser-setup.ts'];

/**
 * One project per kind of test: what it may touch decides how long it may take. Its files share a process, so that what
 * they import is loaded once: that takes longer than most of the tests.
 */
const project = (
  name: string,
  options: {
    order: number;
    testTimeoutMs: number;
    parallel: boolean;
    globalSetup: string[];
  },
) => ({
  resolve: { alias },
  test: {
    name,
    globalSetup: options.globalSetup,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: options.testTimeoutMs,
    hookTimeout: options.testTimeoutMs,
    fileParallelism: options.parallel,
    pool: 'forks' as const,
    isolate: false,
    // One kind after another, never two at once.
    sequence: { groupOrder: options.order },
  },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', {
        order: 1,
        testTimeoutMs: 5_000,
        parallel: true,
        globalSetup: [],
      }),
      project('contract', {
        order: 2,
        testTimeoutMs: 30_000,
        parallel: false,
        globalSetup: withTarantool,
      }),
      project('cluster', {
        order: 3,
        testTimeoutMs: 120_000,
        parallel: false,
        globalSetup: withTarantool,
      }),
      project('browser', {
        order: 4,
        testTimeoutMs: 120_000,
        parallel: false,
        globalSetup: withBrowser,
      }),
    ],
  },
});
