import type { NodeError, NodeErrorCode } from '../tarantool/errors.js';
import type { NodeFacts, Silence } from './ask-node.js';
import { type Finding, problem } from './finding.js';

interface Explanation {
  readonly what: string;
  readonly mend: string;
}

const mendAddress = 'mend its address in CLUSTER_CONFIG';

/** What a node that can be reached may have against us, or be in place of one. */
const byCode = (uri: string, user: string): Partial<Record<NodeErrorCode, Explanation>> => ({
  ACCESS_DENIED: {
    what: `refuses user ${user}`,
    mend: 'set TARANTOOL_PASSWORD_FILE or TARANTOOL_PASSWORD to the password that the nodes have for it',
  },
  NOT_READY: {
    what: 'is not set up',
    mend: `if it has just been started, wait; else let its config.yaml have roles.employees, and ${user} the right to call replicaset.status`,
  },
  BAD_REPLY: { what: 'is no node of ours', mend: `${mendAddress}, or upgrade it` },
  TIMEOUT: {
    what: 'is silent',
    mend: `see whether its host is up, its process frozen, or a firewall between here and ${uri}`,
  },
});

/** By the operating system's word for why there is no connection. */
const bySystemCode = (uri: string): Readonly<Record<string, Explanation>> => ({
  ECONNREFUSED: {
    what: 'does not run',
    mend: `nothing listens at ${uri}: start it, or ${mendAddress}`,
  },
  ENOTFOUND: {
    what: 'cannot be found',
    mend: `no name server knows its host: ${mendAddress}, or the name server`,
  },
  EAI_AGAIN: { what: 'cannot be found', mend: 'the name server does not answer: mend that' },
  EHOSTUNREACH: { what: 'cannot be reached', mend: `mend the network, or ${mendAddress}` },
  ENETUNREACH: { what: 'cannot be reached', mend: `mend the network, or ${mendAddress}` },
});

/** What may be the matter with a node that gave no answer, and what to do then. */
export function explainSilence(
  { name, uri }: Pick<NodeFacts, 'name' | 'uri'>,
  { afterMs, reason }: Silence,
  user: string,
): Finding {
  const { what, mend } = bySystemCode(uri)[systemCodeOf(reason) ?? ''] ??
    byCode(uri, user)[reason.code] ?? { what: 'does not answer', mend: 'read its log' };
  return problem(`${name} at ${uri} ${what} (after ${Math.round(afterMs)} ms: ${reason.message})`, mend);
}

/** Such as ECONNREFUSED. */
function systemCodeOf({ cause }: NodeError): string | null {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
}
