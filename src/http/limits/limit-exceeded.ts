import { GraphQLError, type ASTNode, type GraphQLErrorOptions } from 'graphql';
import type { LimitName } from './limits.js';

export interface Excess {
  readonly max: number;
  /** How much it was, where that is known: most counts stop at the limit. */
  readonly actual?: number;
  readonly nodes?: readonly ASTNode[];
  readonly at?: Pick<GraphQLErrorOptions, 'source' | 'positions'>;
}

/** The error for an operation that is too much. The text says what is allowed. */
export function limitExceeded(limit: LimitName, text: string, excess: Excess): GraphQLError {
  const { max, actual, nodes, at } = excess;
  const message = actual === undefined ? text : `${text}; this one has ${actual}`;
  return new GraphQLError(message, {
    ...at,
    ...(nodes && { nodes }),
    extensions: { code: 'LIMIT_EXCEEDED', limit, max, ...(actual !== undefined && { actual }) },
  });
}
