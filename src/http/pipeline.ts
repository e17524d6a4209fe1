import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { Logger } from 'pino';
import { onExpiry } from '../access/expiry.js';
import type { Authenticator, Credentials, Identity } from '../access/identity.js';
import { rights as tableOfRights } from '../access/rights.js';
import type { Clock } from '../clock.js';
import type { EmployeeContext } from '../employees/employee.context.js';
import { EmployeeFinder } from '../employees/employee.loader.js';
import { EmployeeStore } from '../employees/employee.store.js';
import { SharedLists } from '../employees/shared-lists.js';
import { createIdempotencyKeys } from '../employees/idempotency-keys.js';
import { createLeadershipFeed } from '../leadership/feed.js';
import type { LeadershipContext } from '../leadership/leadership.resolver.js';
import type {
  CancelSignal,
  ReplicaSet,
  ReplicaSetObserver,
  ReplicaSetOperator,
} from '../replicaset/replica-set.js';
import { createAuthoriser } from './authorise.js';
import { explainBadValues, type RefusedOperation } from './bad-values.js';
import { buildGatewaySchema } from './build-schema.js';
import { checkRights } from './check-rights.js';
import type { ErrorCode } from './error-codes.js';
import { internalCauseOf, requestIdKey } from './format-error.js';
import { describeOperation } from './operation-log.js';
import { OperationRecord, type OperationObserver, type TraceContext } from './operation-record.js';
import type { Way } from './transport.js';
import { WithheldFields, withholdFields, type WithholdingContext } from './withhold-fields.js';

/** What every resolver gets: one per operation. */
export interface GatewayContext extends EmployeeContext, LeadershipContext, WithholdingContext, Way {
  readonly record: OperationRecord;
}

/** Where an operation came from. */
export interface Origin extends Way {
  readonly requestId: string;
  /** Its headers, for what they say of a trace; null where there are none. */
  readonly traceContext?: TraceContext | null;
  /** The value of the header `Idempotency-Key`, on transports that have headers. */
  readonly idempotencyKey: string | null;
  /** Aborted when the client has gone away. */
  readonly signal: CancelSignal;
  readonly identity: Identity;
}

/** A valid document, and what is to be run of it. */
export interface ValidOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * What an operation goes through on every transport alike. The transports are left with turning bytes into an
 * operation and a result into bytes.
 */
export interface Pipeline {
  readonly schema: GraphQLSchema;
  /**
   * To be called before anything else is read of a request. Rejects, or throws, with UnauthenticatedError, or with
   * IdentityUnavailableError when that cannot be told now.
   */
  identify(credentials: Credentials): Identity | Promise<Identity>;
  /** Calls back when somebody is no longer who he was: a connection that lasts must end then. Never after the signal. */
  onExpiry(identity: Identity, signal: AbortSignal, callback: () => void): void;
  /** To be called when somebody is refused before there is an operation. */
  turnAway(code: ErrorCode): void;
  /** To be called when an operation comes through the door: its deadline counts from now. */
  createContext(origin: Origin): GatewayContext;
  /** Why a valid operation is not to be executed, or null: the last look before anything of it happens. */
  admit(operation: ValidOperation, context: GatewayContext): GraphQLError | null;
  /** To be called with the errors of an operation before they are formatted: explains and logs them. */
  handleErrors(errors: readonly GraphQLError[], operation: FailedOperation): void;
}

/** As far as the operation got. */
export interface FailedOperation {
  readonly record: OperationRecord;
  readonly document: RefusedOperation['document'] | null | undefined;
  readonly variables: RefusedOperation['variables'] | null | undefined;
}

export interface PipelineOptions {
  readonly replicaSet: ReplicaSet & ReplicaSetObserver & ReplicaSetOperator;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly requestTimeoutMs: number;
  readonly authenticator: Authenticator;
  /** Whether errors may tell what the schema has beside what was asked for. */
  readonly introspection: boolean;
  /** Told of every operation; nobody unless they are given. */
  readonly observers?: readonly OperationObserver[];
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const {
    replicaSet,
    clock,
    logger,
    requestTimeoutMs,
    authenticator,
    introspection,
    observers = [],
  } = options;
  const schema = buildGatewaySchema();
  const rights = checkRights(tableOfRights, schema);
  const authorise = createAuthoriser(schema, rights);
  withholdFields(schema, rights);
  const store = new EmployeeStore(replicaSet, clock);
  const finder = new EmployeeFinder(store, replicaSet);
  const lists = new SharedLists(store, replicaSet);
  const leadership = createLeadershipFeed(replicaSet, clock);

  return {
    schema,
    identify: (credentials) => authenticator.identify(credentials),
    turnAway(code) {
      for (const observer of observers) observer.turnedAway?.(code);
    },
    onExpiry: (identity, signal, callback) => onExpiry(identity, callback, { clock, signal }),
    createContext({ requestId, idempotencyKey, signal, identity, transport, byGet, traceContext = null }) {
      const { subject } = identity;
      // Objects of every operation are written out: a spread in a literal makes V8 lay out each of them anew.
      const record = new OperationRecord({
        requestId,
        transport,
        byGet,
        signal,
        traceContext,
        subject,
        clock,
        observers,
      });
      return {
        record,
        identity,
        withheld: new WithheldFields(),
        transport,
        byGet,
        deadlineAt: record.startedAt + requestTimeoutMs,
        signal,
        store,
        leadership,
        operator: replicaSet,
        finder,
        lists,
        idempotencyKeys: createIdempotencyKeys(idempotencyKey),
        // Whether a key fits a request tells whether its salary is that of the first one.
        repeatableBy: identity.permissions.has('salaries:read') ? null : identity.subject,
      };
    },
    admit: (operation, { identity }) => authorise(operation, identity),
    handleErrors(errors, { record, document, variables }) {
      if (document != null)
        explainBadValues(errors, {
          schema,
          document,
          variables: variables ?? {},
          hideSuggestions: !introspection,
        });
      for (const error of errors) {
        const cause = internalCauseOf(error);
        if (cause === undefined) continue;
        error.extensions[requestIdKey] = record.requestId;
        logger.error(
          { ...describeOperation(record), err: cause, path: error.path },
          'An operation failed for a reason of our own',
        );
      }
    },
  };
}
