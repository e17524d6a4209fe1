import { type Address, formatAddress } from '../cluster-config/address.js';
import type { Login } from '../cluster-config/read.js';
import type { Clock } from '../clock.js';
import { NodeError } from '../tarantool/errors.js';
import { TarantoolNode } from '../tarantool/node.js';
import { type NodeDiagnosis, parseNodeDiagnosis } from '../tarantool/node-diagnosis.js';
import { type NodeStatus, parseNodeStatus } from '../tarantool/node-status.js';

/** What came of asking one node. */
export interface NodeFacts {
  readonly name: string;
  readonly uri: string;
  readonly answer: Answer | Silence;
}

export interface Answer {
  readonly kind: 'answered';
  /** What a call takes there and back. */
  readonly roundTripMs: number;
  readonly status: NodeStatus;
  /** Or why there is none. */
  readonly diagnosis: NodeDiagnosis | NodeError;
  /** How far its clock is ahead of this machine's, and how far that may be wrong; null without a diagnosis. */
  readonly skew: { readonly aheadMs: number; readonly withinMs: number } | null;
}

export interface Silence {
  readonly kind: 'silent';
  readonly afterMs: number;
  readonly reason: NodeError;
}

export interface NodeToAsk extends Address {
  readonly name: string;
}

/** A node that is well answers in milliseconds, one behind a slow line in some hundreds. */
const patienceMs = 3_000;
/** The quickest of some calls tells the time best: its answer was under way for least. */
const calls = 3;

/** Logs in once and asks what there is to know. Always resolves, within some seconds. */
export async function askNode(node: NodeToAsk, login: Login, clock: Clock): Promise<NodeFacts> {
  const { name, host, port } = node;
  const startedAt = clock.now();
  const connection = await connect({ name, host, port }, login, clock);
  const uri = formatAddress(node);
  try {
    if (connection.failure !== null) throw connection.failure;
    return { name, uri, answer: await ask(connection.node, clock) };
  } catch (error) {
    return {
      name,
      uri,
      answer: { kind: 'silent', afterMs: clock.now() - startedAt, reason: asNodeError(error, name) },
    };
  } finally {
    connection.node.stop();
  }
}

interface Attempt {
  readonly node: TarantoolNode;
  readonly failure: NodeError | null;
}

/** Resolves when the first attempt has come to its end. */
function connect(node: NodeToAsk, login: Login, clock: Clock): Promise<Attempt> {
  return new Promise((resolve) => {
    const connection: TarantoolNode = new TarantoolNode({
      ...node,
      ...login,
      clock,
      random: Math.random,
      connectTimeoutMs: patienceMs,
      onPhase: (phase) => {
        if (phase.phase === 'ready') resolve({ node: connection, failure: null });
        if (phase.phase === 'waiting') resolve({ node: connection, failure: phase.reason });
      },
    });
    connection.start();
  });
}

async function ask(node: TarantoolNode, clock: Clock): Promise<Answer> {
  const call = async (fn: string) => {
    const sentAt = clock.now();
    const sentWallMs = clock.date().getTime();
    const reply = await node.call(fn, [], sentAt + patienceMs);
    return { reply, sentWallMs, roundTripMs: clock.now() - sentAt };
  };
  const status = await call('replicaset.status');
  const parsed = parseNodeStatus(status.reply);
  try {
    const samples = [];
    for (let turn = 0; turn < calls; turn++) samples.push(await call('employees.diagnosis'));
    const [best = status] = samples.toSorted((a, b) => a.roundTripMs - b.roundTripMs);
    const diagnosis = parseNodeDiagnosis(best.reply);
    // The date has whole milliseconds.
    const withinMs = best.roundTripMs / 2 + 1;
    const skew = { aheadMs: diagnosis.wallTimeMs - (best.sentWallMs + best.roundTripMs / 2), withinMs };
    return { kind: 'answered', roundTripMs: best.roundTripMs, status: parsed, diagnosis, skew };
  } catch (error) {
    const diagnosis = asNodeError(error, node.name);
    return { kind: 'answered', roundTripMs: status.roundTripMs, status: parsed, diagnosis, skew: null };
  }
}

/** What cannot be read is no better than a failure. */
function asNodeError(error: unknown, node: string): NodeError {
  if (error instanceof NodeError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new NodeError('BAD_REPLY', { outcome: 'unknown', node, message, cause: error });
}
