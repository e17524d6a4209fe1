import type { Log } from '../../../src/replicaset/log.js';

/** Keeps what is logged, as `level message`. */
export class MemoryLog implements Log {
  readonly lines: string[] = [];

  info(_: object, message: string): void {
    this.lines.push(`info ${message}`);
  }

  warn(_: object, message: string): void {
    this.lines.push(`warn ${message}`);
  }

  error(_: object, message: string): void {
    this.lines.push(`error ${message}`);
  }
}
