import { afterAll, afterEach, beforeAll } from 'vitest';
import { PrivateCluster, type PrivateClusterOptions } from '../../src/trial/private-cluster.js';
import { findTestTarantool } from './tarantool.js';

/** Which cluster a test wants; three nodes with the shipped names otherwise. */
export type ClusterOptions = Omit<PrivateClusterOptions, 'tarantool' | 'directory'>;

/** Real Tarantool processes that belong to a test. */
export type TestCluster = PrivateCluster;

export const TestCluster = {
  /** Starts every node and resolves when a leader is writable. */
  start: async (options: ClusterOptions = {}): Promise<TestCluster> =>
    PrivateCluster.start({ ...options, tarantool: await findTestTarantool() }),

  /** All but the processes: `restart` starts them one by one. */
  prepare: async (options: ClusterOptions = {}): Promise<TestCluster> =>
    PrivateCluster.prepare({ ...options, tarantool: await findTestTarantool() }),
};

/** A cluster for the tests of a file, started before the first; a test that fails prints the logs of its nodes. */
export function useCluster(options: ClusterOptions = {}): () => TestCluster {
  let cluster: TestCluster | null = null;
  beforeAll(async () => {
    cluster = await TestCluster.start(options);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail' && cluster !== null)
      process.stderr.write(`${await cluster.readLogs()}\n`);
  });
  afterAll(() => cluster?.stop());
  return () => {
    if (cluster === null) throw new Error('The cluster has not been started');
    return cluster;
  };
}
