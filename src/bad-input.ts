/** A request asks for something that no state of the data would allow. Thrown before anything is sent. */
export class BadInputError extends Error {
  override readonly name = 'BadInputError';
  /** Where: a path that begins with the argument, such as `input.employees[3].salary`. */
  readonly field: string;
  /** What would be right: the rest of a sentence that begins with the field. */
  readonly reason: string;

  constructor(field: string, reason: string) {
    super(`${field} ${reason}`);
    this.field = field;
    this.reason = reason;
  }
}
