/**
 * Other processes that serve the same port. What a subject does at one of them counts at all of them, a moment later: so its
 * limits are those of one gateway, but for what happens within that moment.
 */
export interface Siblings {
  /** How many processes there are in all. */
  readonly processes: number;
  /** So many tokens of a subject's rate were taken. */
  tellTokens(subject: string, tokens: number): void;
  /** So many connections of a subject are open here now. */
  tellConnections(subject: string, open: number): void;
  /** Hears what the others tell, from now on. */
  hear(listener: SiblingListener): void;
}

export interface SiblingListener {
  readonly onTokens: (subject: string, tokens: number) => void;
  /** 0 when the sibling has ended. */
  readonly onConnections: (sibling: number, subject: string, open: number) => void;
}
