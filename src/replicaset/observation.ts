import type { NodeStatus } from '../tarantool/node-status.js';

/**
 * One fact about one node. `asOf` is the tracker's revision at the moment when the question was put (for news that
 * nobody asked for: when it came), which tells a late answer from a new one.
 *
 * | kind | meaning |
 * | --- | --- |
 * | `answered` | the node told its status |
 * | `unreachable` | its connection is refused or broken, or it was silent for a whole poll timeout |
 * | `refused` | it answered a request with "read-only": at that moment it did not lead |
 *
 * A request that timed out is no observation (failover.md T6): it says nothing that a poll, asked at once, would not
 * say better.
 */
export type Observation = { readonly node: string; readonly asOf: number } & (
  | { readonly kind: 'answered'; readonly status: NodeStatus }
  | { readonly kind: 'unreachable'; readonly problem: string }
  | { readonly kind: 'refused'; readonly reason: string }
);

/** When an observation was made, on both clocks. */
export interface Moment {
  /** Monotonic milliseconds. */
  readonly now: number;
  readonly date: Date;
}
