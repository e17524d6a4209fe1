import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FormattedExecutionResult } from 'graphql';
import { headOf, statusForJson } from './operation-refusal.js';
import type { OperationRequest, Operations } from './operations.js';
import type { GatewayContext } from './pipeline.js';
import { executePrepared } from './run-operation.js';
import { isRecord } from './stream-request.js';

/*
 * Nearly all requests are plain: a JSON object by POST, answered with JSON. Apollo Server's way of reading and answering
 * them takes longer than all else that the gateway does, so they go the way of the other transports. All that is
 * particular (a GET, another media type, a body of another form) is Apollo Server's.
 */

const jsonTypes = /^application\/json(?:; ?charset=utf-8)?$/i;
// What browsers, curl and the usual clients send. Weights and other types are to be negotiated.
const plainAccepts = /^(?:\*\/\*|application\/json(?:, ?(?:text\/plain, ?)?\*\/\*)?)$/;
const jsonResponse = 'application/json; charset=utf-8';

/** The operation in a plain POST; null for any other request. */
export function readPlainPost({ method, headers, body }: FastifyRequest): OperationRequest | null {
  if (method !== 'POST' || !jsonTypes.test(headers['content-type'] ?? '')) return null;
  if (headers.accept !== undefined && !plainAccepts.test(headers.accept)) return null;
  if (!isRecord(body)) return null;
  const { query, operationName, variables, extensions } = body;
  return isTextOrNone(query) &&
    isTextOrNone(operationName) &&
    isRecordOrNone(variables) &&
    isRecordOrNone(extensions)
    ? { query, operationName, variables, extensions }
    : null;
}

/** Runs the operation in a plain POST and sends its result. */
export async function answerPlainPost(
  request: OperationRequest,
  reply: FastifyReply,
  { operations, context }: { readonly operations: Operations; readonly context: GatewayContext },
): Promise<string> {
  const { record } = context;
  const { variables } = request;
  const prepared = operations.resolve(request, context);
  void reply.header('content-type', jsonResponse);
  if (!('document' in prepared)) {
    const { status, headers } = headOf(prepared);
    const errors = operations.formatErrors(prepared, { record, document: null, variables });
    void reply.code(statusForJson(status, errors)).headers(headers);
    return textOf({ errors });
  }
  const { document } = prepared;
  const result = operations.formatResult(await executePrepared(prepared), { record, document, variables });
  // Its variables were refused, and nothing of it was executed.
  if (result.data === undefined) void reply.code(statusForJson(400, result.errors ?? []));
  return textOf(result);
}

const textOf = (result: FormattedExecutionResult): string => `${JSON.stringify(result)}\n`;

const isRecordOrNone = (value: unknown): value is Readonly<Record<string, unknown>> | null | undefined =>
  value == null || isRecord(value);

const isTextOrNone = (value: unknown): value is string | null | undefined =>
  value == null || typeof value === 'string';
