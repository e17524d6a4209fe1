import { OperationTypeNode } from 'graphql';
import { OperationRefusal } from './operation-refusal.js';

/** The ways into the gateway, by the names that clients know them by. */
export type Transport = 'http' | 'graphql-transport-ws' | 'graphql-ws' | 'sse' | 'sse-single-connection';

/** How an operation came. */
export interface Way {
  readonly transport: Transport;
  /** Whoever follows a link sends a GET, and must change nothing. */
  readonly byGet: boolean;
}

/** Why an operation of this kind is not served this way, or null. */
export function refuseKind(kind: OperationTypeNode, { transport, byGet }: Way): OperationRefusal | null {
  if (kind === OperationTypeNode.MUTATION && byGet) {
    return methodNotAllowed('Mutations are served by POST only', 'POST');
  }
  // Apollo Server would run one as if it were a query, and answer null.
  if (kind === OperationTypeNode.SUBSCRIPTION && transport === 'http') {
    const message =
      'Subscriptions are served over WebSocket at this URL, and as event streams at /graphql/stream';
    return methodNotAllowed(message, 'GET, POST');
  }
  return null;
}

const methodNotAllowed = (message: string, allow: string): OperationRefusal =>
  new OperationRefusal(message, { code: 'METHOD_NOT_ALLOWED' }, { status: 405, headers: { allow } });
