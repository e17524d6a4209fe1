import { NodeError, isNodeErrorCode } from './errors.js';

/**
 * What our Lua functions answer: always a table with a status, never a bare error text (the driver drops codes).
 * `ok` and `rejected` are final and are returned to the caller; the other two become a {@link NodeError}.
 *
 * | status | meaning |
 * | --- | --- |
 * | `ok` | done, with its result beside it |
 * | `rejected` | the data forbids it (`code` says why): final, nothing was changed |
 * | `not_applied` | this node cannot do it now; nothing was changed and nothing will be |
 * | `unknown` | it stands in the log, its quorum is not confirmed |
 */
export type Reply =
  | { readonly status: 'ok'; readonly [field: string]: unknown }
  | { readonly status: 'rejected'; readonly code: string; readonly [field: string]: unknown };

/**
 * Reads what a Lua function on `node` returned. Throws the {@link NodeError} that it reports, or one with `BAD_REPLY`
 * and an unknown outcome when it is none of the four.
 */
export function parseReply(value: unknown, node: string): Reply {
  if (!isMap(value)) throw badReply(node, `${kindOf(value)} instead of a map`);
  if (isFinal(value)) return value;
  switch (value['status']) {
    case 'rejected':
      throw badReply(node, 'a rejection without a code');
    case 'not_applied':
      throw failure(value, { node, outcome: 'not-applied' });
    case 'unknown':
      throw failure(value, { node, outcome: 'unknown' });
    default:
      throw badReply(node, `status ${wordOf(value['status'])}`);
  }
}

/** Of a node's own words, which nobody but people reads. */
const longestText = 500;

type LuaMap = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is LuaMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFinal(value: LuaMap): value is Reply {
  const { status, code } = value;
  return status === 'ok' || (status === 'rejected' && typeof code === 'string');
}

/** A code that we do not know stays readable in the message; the outcome is what decides. */
function failure(value: LuaMap, options: { node: string; outcome: 'not-applied' | 'unknown' }): NodeError {
  const { code, message } = value;
  const text = typeof message === 'string' ? message.slice(0, longestText) : 'No message';
  return isNodeErrorCode(code)
    ? new NodeError(code, { ...options, message: text })
    : new NodeError('NODE_FAILURE', { ...options, message: `${text} (code ${wordOf(code)})` });
}

function badReply(node: string, what: string): NodeError {
  return new NodeError('BAD_REPLY', { outcome: 'unknown', node, message: `The node answered with ${what}` });
}

/** A short text or a number as it is; of anything else its kind. */
function wordOf(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value);
  return typeof value === 'string' ? JSON.stringify(value.slice(0, longestText)) : kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
