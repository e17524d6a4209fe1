import { z } from 'zod';

/** What one node says of itself and of its peers: the answer of the Lua function `replicaset.status`. */
export interface NodeStatus {
  readonly name: string;
  readonly instanceUuid: string;
  /** Changes with every start of the process, so that a restart is never mistaken for a late answer. */
  readonly bootId: string;
  readonly version: string;
  readonly uptimeSeconds: number;
  /** Of its process, on its own machine; null from a node that does not tell. */
  readonly pid: number | null;
  readonly role: 'leader' | 'follower' | 'candidate';
  /** Raft term, as the node knows it now. */
  readonly term: number;
  /** Name of the node it takes for the leader, or null. */
  readonly leader: string | null;
  /** Elected and writable are two facts: a fresh leader is read-only until it owns the synchronous queue. */
  readonly writable: boolean;
  readonly readOnlyReason: string | null;
  readonly lsn: number;
  /** Of the employees; null when it has none yet, or is of a version that does not tell. */
  readonly schemaVersion: number | null;
  readonly replication: readonly ReplicationLink[];
}

/** How replication between this node and one peer stands, as this node sees it. */
export interface ReplicationLink {
  readonly peer: string;
  /** What this node receives from the peer. */
  readonly upstream: ReplicationStream | null;
  /** What the peer receives from this node. */
  readonly downstream: ReplicationStream | null;
}

export interface ReplicationStream {
  /** Tarantool's word: `follow`, `sync`, `connecting`, `disconnected`, `stopped`, ... */
  readonly status: string;
  readonly lagSeconds: number | null;
  readonly idleSeconds: number | null;
  readonly message: string | null;
}

const count = z.number().int().min(0);
/** GraphQL's `Int` holds no greater one, and no cluster comes to it. */
const term = count.max(2 ** 31 - 1);
/** For people to read: a node that talks without end is cut short. */
const words = z.string().transform((text) => text.slice(0, 500));
/** Lua has no null in a table: a field that is nil is simply not there. */
const orNull = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null);

const stream = z
  .object({
    status: words,
    lag: orNull(z.number()),
    idle: orNull(z.number()),
    message: orNull(words),
  })
  .transform(({ status, lag, idle, message }) => ({ status, lagSeconds: lag, idleSeconds: idle, message }));

const nodeStatus = z
  .object({
    name: z.string().min(1).max(500),
    instance_uuid: z.string().min(1).max(500),
    boot_id: z.string().min(1).max(500),
    version: words,
    uptime: z.number().min(0),
    pid: orNull(count),
    role: z.enum(['leader', 'follower', 'candidate']),
    term,
    leader: orNull(words),
    writable: z.boolean(),
    read_only_reason: orNull(words),
    /** -1 on a node that has not joined yet. */
    lsn: z.number().int().min(-1),
    schema_version: orNull(count),
    replication: z
      .array(z.object({ peer: words, upstream: orNull(stream), downstream: orNull(stream) }))
      .max(100),
  })
  .transform(({ instance_uuid, boot_id, uptime, read_only_reason, schema_version, ...same }): NodeStatus => ({
    ...same,
    instanceUuid: instance_uuid,
    bootId: boot_id,
    uptimeSeconds: uptime,
    readOnlyReason: read_only_reason,
    schemaVersion: schema_version,
  }));

/**
 * Reads an answer of `replicaset.status`. Throws an error that names every field that is missing or has a value we do
 * not know. Fields we do not know are left aside: the nodes may be newer than the gateway while they are upgraded.
 */
export function parseNodeStatus(reply: unknown): NodeStatus {
  const result = nodeStatus.safeParse(reply);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`,
  );
  throw new TypeError(`Not a node status: ${problems.join('; ')}`, { cause: result.error });
}
