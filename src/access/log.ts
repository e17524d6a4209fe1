/** Where an operator is told of keys that come and go. A pino logger is one. */
export interface AccessLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}
