import type { Log } from '../../../src/replicaset/log.js';

/** Keeps what is logged, as `level message`, and the details beside it. */
export class MemoryLog implements Log {
  readonly lines: string[] = [];
  readonly details: object[] = [];

  info(details: object, message: string): void {
    this.#keep('info', details, message);
  }

  warn(details: object, message: string): void {
    this.#keep('warn', details, message);
  }

  error(details: object, message: string): void {
    this.#keep('error', details, message);
  }

  #keep(level: string, details: object, message: string): void {
    this.lines.push(`${level} ${message}`);
    this.details.push(details);
  }
}
