/** An error as the gateway answers it, or the lack of an answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** As in docs/errors.md; `NO_ANSWER` when the gateway could not be reached. */
  readonly code: string;
  /** Path of the argument that it belongs to, such as `input.salary`; null when it belongs to none. */
  readonly field: string | null;
  /** What is wrong with that argument. */
  readonly reason: string | null;
  /** Whether the same request may be sent again as it is. */
  readonly retryable: boolean;

  constructor(message: string, facts: Pick<ApiError, 'code' | 'field' | 'reason' | 'retryable'>) {
    super(message);
    this.code = facts.code;
    this.field = facts.field;
    this.reason = facts.reason;
    this.retryable = facts.retryable;
  }
}
