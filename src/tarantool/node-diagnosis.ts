import { z } from 'zod';

/** What one node says of how it is set up: the answer of the Lua function `employees.diagnosis`. */
export interface NodeDiagnosis {
  /** Milliseconds since 1970, by the clock of its machine. */
  readonly wallTimeMs: number;
  /** Who asked, as the node knows them. */
  readonly user: string;
  /** All that this user may do, what comes with roles included. */
  readonly rights: readonly Right[];
  /** The spaces whose rows must not be lost, as far as they are there. */
  readonly spaces: readonly { readonly name: string; readonly isSynchronous: boolean }[];
  /** The version of the schema that the code of this node makes, and the one that is there; null before the first. */
  readonly schema: { readonly version: number; readonly stored: number | null };
  /** Tarantool's `election_fencing_mode`. */
  readonly fencing: string | null;
  /** How many nodes must have a row before it counts; null from an engine that does not tell. */
  readonly quorum: number | null;
  /** The times that its elections run with. */
  readonly replicationTimeoutSeconds: number;
  readonly electionTimeoutSeconds: number;
  /** Requests that it takes up at a time. */
  readonly netMsgMax: number;
  readonly memory: { readonly used: number; readonly limit: number };
}

/** `execute` on the `function` named `employees.get`, say; the name is empty for the whole `universe`. */
export interface Right {
  readonly privileges: string;
  readonly object: string;
  readonly name: string;
}

const words = z.string().max(500);
const count = z.number().min(0);
const orNull = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null);

const nodeDiagnosis = z
  .object({
    time: z.number().min(0),
    user: words,
    rights: z.array(z.object({ privileges: words, object: words, name: words })).max(1_000),
    spaces: z
      .array(
        z
          .object({ name: words, is_synchronous: z.boolean() })
          .transform(({ name, is_synchronous }) => ({ name, isSynchronous: is_synchronous })),
      )
      .max(100),
    schema: z.object({ version: count, stored: orNull(count) }),
    fencing: orNull(words),
    quorum: orNull(count),
    replication_timeout: count,
    election_timeout: count,
    net_msg_max: count,
    memory: z.object({ used: count, limit: count }),
  })
  .transform(({ time, replication_timeout, election_timeout, net_msg_max, ...same }): NodeDiagnosis => ({
    ...same,
    wallTimeMs: time * 1000,
    replicationTimeoutSeconds: replication_timeout,
    electionTimeoutSeconds: election_timeout,
    netMsgMax: net_msg_max,
  }));

/** Throws an error that names every field that is missing or has a value we do not know. */
export function parseNodeDiagnosis(reply: unknown): NodeDiagnosis {
  const result = nodeDiagnosis.safeParse(reply);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`,
  );
  throw new TypeError(`Not a node's diagnosis: ${problems.join('; ')}`, { cause: result.error });
}
