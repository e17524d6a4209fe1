import { OperationTypeNode, type GraphQLFormattedError, type OperationDefinitionNode } from 'graphql';
import type { Clock } from '../clock.js';
import type { CancelSignal } from '../replicaset/replica-set.js';
import type { ErrorCode } from './error-codes.js';
import type { Way } from './transport.js';

/** Headers, two of which may say to which trace an operation belongs (https://www.w3.org/TR/trace-context/). */
export type TraceContext = Readonly<Record<string, string | string[] | undefined>>;

/** One operation as those who watch see it: what is known of it is filled in on its way. */
export interface ObservedOperation extends Way {
  readonly requestId: string;
  /** Who sent it: the subject of a token, else an address. */
  readonly subject: string;
  /** Null where there are no headers. */
  readonly traceContext: TraceContext | null;
  /** When it came through the door, by the monotonic clock. */
  readonly startedAt: number;
  /** The text of its document, and what is run of it. Null as long as that has not been found. */
  readonly text: string | null;
  readonly definition: OperationDefinitionNode | null;
  /** Whether nothing spoke against it. */
  readonly isAdmitted: boolean;
  /** Aborted when its client has gone away, or does not want it any more. */
  readonly signal: CancelSignal;
}

/** How an operation ended. */
export interface OperationEnding {
  readonly durationMs: number;
  /** Of every error that its client was told, in that order; those of a subscription's events are told apart. */
  readonly codes: readonly string[];
}

/** Told of every operation, on every transport alike: each begins once and ends once. It must not throw. */
export interface OperationObserver {
  /** It has come through the door. What it asks for is not known yet. */
  readonly began?: (operation: ObservedOperation) => void;
  /** Nothing speaks against it: it is executed from here on. Not told of one that is refused. */
  readonly admitted?: (operation: ObservedOperation) => void;
  /** A subscription has an event to tell, with these errors in it. */
  readonly happened?: (operation: ObservedOperation, codes: readonly string[]) => void;
  /** Its result is ready; or nobody wants it any more; or, of a subscription, no event will come. */
  readonly ended?: (operation: ObservedOperation, ending: OperationEnding) => void;
  /** A request or a WebSocket was turned away with this code before there was an operation in it: nothing else is told of it. */
  readonly turnedAway?: (code: ErrorCode) => void;
}

export interface OperationRecordOptions extends Pick<
  ObservedOperation,
  'requestId' | 'subject' | 'signal' | keyof Way
> {
  readonly traceContext?: TraceContext | null;
  readonly clock: Clock;
  readonly observers: readonly OperationObserver[];
}

const none: readonly string[] = [];

/** Follows one operation through the pipeline, and tells the observers. */
export class OperationRecord implements ObservedOperation {
  readonly requestId: string;
  readonly subject: string;
  readonly transport: Way['transport'];
  readonly byGet: boolean;
  readonly signal: CancelSignal;
  readonly traceContext: TraceContext | null;
  readonly startedAt: number;
  text: string | null = null;
  definition: OperationDefinitionNode | null = null;
  isAdmitted = false;
  readonly #clock: Clock;
  readonly #observers: readonly OperationObserver[];
  #hasEnded = false;

  constructor(options: OperationRecordOptions) {
    const { requestId, subject, transport, byGet, signal, clock, observers } = options;
    this.requestId = requestId;
    this.subject = subject;
    this.transport = transport;
    this.byGet = byGet;
    this.signal = signal;
    this.traceContext = options.traceContext ?? null;
    this.startedAt = clock.now();
    this.#clock = clock;
    this.#observers = observers;
    for (const observer of observers) observer.began?.(this);
  }

  admit(): void {
    this.isAdmitted = true;
    for (const observer of this.#observers) observer.admitted?.(this);
  }

  /** One result is ready. Unless more may follow, that is the end. */
  tell(errors: readonly GraphQLFormattedError[] | undefined): void {
    if (this.definition?.operation !== OperationTypeNode.SUBSCRIPTION) {
      this.end(errors);
      return;
    }
    const codes = codesOf(errors);
    for (const observer of this.#observers) observer.happened?.(this, codes);
  }

  /** Only the first end counts: whoever knows of one may say so. */
  end(errors?: readonly GraphQLFormattedError[]): void {
    if (!this.#hasEnded) this.endWith(codesOf(errors));
  }

  endWith(codes: readonly string[]): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#observers.length === 0) return;
    const ending = { durationMs: this.#clock.now() - this.startedAt, codes };
    for (const observer of this.#observers) observer.ended?.(this, ending);
  }
}

function codesOf(errors: readonly GraphQLFormattedError[] | undefined): readonly string[] {
  return errors === undefined ? none : errors.map(({ extensions }) => String(extensions?.['code']));
}
