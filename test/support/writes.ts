import { randomUUID } from 'node:crypto';
import type { Reply } from '../../src/tarantool/reply.js';
import type { TestCluster } from './cluster.js';

/** A row to be added; without an id, the cluster numbers it. */
export type NewRow = readonly [id: number | null, name: string, position: string, salary: number];

/** What one write may add. */
const mostRows = 100;

/** What `employees.write` is asked; with an id of its own and some seconds of time unless the test says otherwise. */
export interface WriteRequest {
  readonly request_id: string;
  /** Milliseconds, wall clock. */
  readonly deadline: number;
  /** Who alone may repeat it; everybody, if nothing is said. */
  readonly repeatable_by?: string;
  readonly operation: 'add' | 'update' | 'remove';
  readonly arguments: object;
}

export function writeRequest(
  operation: WriteRequest['operation'],
  operands: object,
  changes: Partial<WriteRequest> = {},
): WriteRequest {
  return {
    request_id: randomUUID(),
    deadline: Date.now() + 10_000,
    operation,
    arguments: operands,
    ...changes,
  };
}

export function write(cluster: TestCluster, node: string, request: WriteRequest): Promise<Reply> {
  return cluster.call(node, 'employees.write', request);
}

/** Adds rows on the leader, in as many writes as it takes. Rejects unless all are added. */
export async function add(cluster: TestCluster, leader: string, rows: readonly NewRow[]): Promise<void> {
  for (let first = 0; first < rows.length; first += mostRows) {
    const part = rows.slice(first, first + mostRows);
    assertOk(await write(cluster, leader, writeRequest('add', { rows: part })));
  }
}

/** Removes an employee on the leader. Rejects unless it is removed. */
export async function remove(cluster: TestCluster, leader: string, id: number): Promise<void> {
  assertOk(await write(cluster, leader, writeRequest('remove', { id })));
}

function assertOk(reply: Reply): void {
  if (reply.status !== 'ok') throw new Error(`The write was rejected: ${JSON.stringify(reply)}`);
}
