import type { FastifyRequest } from 'fastify';
import type { ErrorCode } from './error-codes.js';
import type { OperationRequest } from './operations.js';

/** A request that never becomes an operation: answered with a status, in the shape of GraphQL. */
export class RefusedRequest extends Error {
  override readonly name = 'RefusedRequest';
  readonly status: number;
  readonly code: ErrorCode;

  constructor(status: number, code: ErrorCode, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** An operation, and the id that its client gave it where several share a stream. */
export interface StreamRequest extends OperationRequest {
  readonly operationId: string | null;
}

/**
 * Reads an operation out of the body of a POST or the address of a GET.
 * @throws RefusedRequest
 */
export function parseStreamRequest({ method, body, query: search }: FastifyRequest): StreamRequest {
  const given = method === 'GET' ? parametersOf(search) : body;
  refuseBatch(given);
  if (!isRecord(given)) throw badRequest('The body must be a JSON object');
  const { query, operationName, variables, extensions } = given;
  if (query != null && typeof query !== 'string') throw badRequest('query must be a text');
  if (operationName != null && typeof operationName !== 'string') {
    throw badRequest('operationName must be a text');
  }
  if (variables != null && !isRecord(variables)) throw badRequest('variables must be an object');
  if (extensions != null && !isRecord(extensions)) throw badRequest('extensions must be an object');
  const id = extensions?.['operationId'];
  const operationId = typeof id === 'string' && id !== '' ? id : null;
  return { query, operationName, variables, extensions, operationId };
}

/**
 * Several operations in one request would be one to whoever counts requests.
 * @throws RefusedRequest
 */
export function refuseBatch(body: unknown): void {
  if (Array.isArray(body))
    throw badRequest('Operations are sent one at a time: the body must be a JSON object');
}

export function badRequest(message: string): RefusedRequest {
  return new RefusedRequest(400, 'BAD_REQUEST', message);
}

/** A parameter in the address of a request; null when it is missing, empty, or there more than once. */
export function parameterOf(search: unknown, name: string): string | null {
  const value = isRecord(search) ? search[name] : null;
  return typeof value === 'string' && value !== '' ? value : null;
}

function parametersOf(search: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(search)) return {};
  return {
    ...search,
    variables: parseParameter(parameterOf(search, 'variables')),
    extensions: parseParameter(parameterOf(search, 'extensions')),
  };
}

function parseParameter(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('variables and extensions must be JSON');
  }
}

/** Whether a JSON value is an object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
