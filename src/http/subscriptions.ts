import {
  createSourceEventStream,
  execute,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFormattedError,
} from 'graphql';
import { permissions } from '../access/identity.js';
import type { Operations, PreparedOperation } from './operations.js';
import { WithheldFields } from './withhold-fields.js';

/**
 * Opens subscriptions. Of those that ask for the same, and may see the same, each event is executed and written as JSON
 * once: by document, operation, variables and permissions. What they are sent differs in nothing but the id of the
 * operation, which is for the transport to add.
 */
export interface Subscriptions {
  /**
   * The results of a prepared subscription, each as JSON; or why there are none. The source of its events is left as soon
   * as the generator returns, also while it waits.
   */
  open(prepared: PreparedOperation): Promise<AsyncGenerator<string, undefined, undefined> | ExecutionResult>;
}

/** A result as it is sent, and the errors in it. */
interface Written {
  readonly text: string;
  readonly errors: readonly GraphQLFormattedError[] | undefined;
}

/** Of one event: for each document, and each key of those who asked with it. */
type WrittenResults = Map<DocumentNode, Map<string, Promise<Written>>>;

export function createSubscriptions(operations: Pick<Operations, 'formatShared'>): Subscriptions {
  const written = new WeakMap<object, WrittenResults>();

  /** What was written of an event for somebody who asked for the same, or is written now. */
  function find(event: unknown, prepared: PreparedOperation, key: string): Promise<Written> {
    if (typeof event !== 'object' || event === null) return write(event, prepared);
    const ofEvent: WrittenResults = written.get(event) ?? new Map();
    written.set(event, ofEvent);
    const ofDocument = ofEvent.get(prepared.document) ?? new Map<string, Promise<Written>>();
    ofEvent.set(prepared.document, ofDocument);
    const result = ofDocument.get(key) ?? write(event, prepared);
    ofDocument.set(key, result);
    return result;
  }

  async function write(event: unknown, prepared: PreparedOperation): Promise<Written> {
    const { contextValue, document, variableValues: variables } = prepared;
    const result = await execute({
      ...prepared,
      rootValue: event,
      contextValue: { ...contextValue, withheld: new WithheldFields() },
    });
    const formatted = operations.formatShared(result, { record: contextValue.record, document, variables });
    return { text: JSON.stringify(formatted), errors: formatted.errors };
  }

  return {
    async open(prepared) {
      const source = await createSourceEventStream(prepared);
      if (!(Symbol.asyncIterator in source)) return source;
      const { record } = prepared.contextValue;
      const key = keyOf(prepared);
      return mapEvents(source[Symbol.asyncIterator](), async (event) => {
        const { text, errors } = await find(event, prepared, key);
        record.tell(errors);
        return text;
      });
    },
  };
}

/** Equal for those who are sent the same of one document. */
function keyOf({ operationName, variableValues, contextValue }: PreparedOperation): string {
  const held = permissions.filter((permission) => contextValue.identity.permissions.has(permission));
  return JSON.stringify([operationName ?? null, variableValues ?? null, held]);
}

function mapEvents<T, Result>(
  source: AsyncIterator<T>,
  change: (event: T) => Promise<Result>,
): AsyncGenerator<Result, undefined, undefined> {
  const end = { done: true, value: undefined } as const;
  const generator: AsyncGenerator<Result, undefined, undefined> = {
    async next() {
      const { done, value } = await source.next();
      return done === true ? end : { done: false, value: await change(value) };
    },
    async return() {
      await source.return?.();
      return end;
    },
    async throw(error) {
      await source.return?.();
      throw error;
    },
    [Symbol.asyncIterator]: () => generator,
  };
  return generator;
}
