import { systemClock } from '../../src/clock.js';
import { NodeError } from '../../src/tarantool/errors.js';
import type { TarantoolNode } from '../../src/tarantool/node.js';

/** What a node is asked to make sure of: the second argument of the reading functions. */
export interface NodeReadOptions {
  readonly consistency: 'leader' | 'linearizable' | 'any';
  readonly bookmark?: { readonly request_id: string; readonly applied_at: number };
}

/** The salary that was read, null when nobody has the id; or the code of a node that refused. */
export type Seen = { readonly salary: number | null } | { readonly refused: string };

/** Asks one node over a connection of the test's own for somebody's salary. Rejects unless it answers or refuses. */
export async function readSalary(
  connection: TarantoolNode,
  id: number,
  { timeoutMs, ...options }: NodeReadOptions & { timeoutMs: number },
): Promise<Seen> {
  const args = [[id], { ...options, deadline: Date.now() + timeoutMs }];
  try {
    const reply = await connection.call('employees.get', args, systemClock.now() + timeoutMs);
    return { salary: Object(reply).rows[0]?.[3] ?? null };
  } catch (error) {
    if (error instanceof NodeError && error.outcome === 'not-applied') return { refused: error.code };
    throw error;
  }
}
