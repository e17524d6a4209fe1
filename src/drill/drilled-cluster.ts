import type { Configuration } from '../configuration.js';
import type { NodeView } from '../replicaset/view.js';
import type { Strike } from './arguments.js';

/** A cluster whose leader is going to be killed. */
export interface DrilledCluster {
  /** `own`: the drill's, gone with it. `running`: an operator's, to be left as it was found. */
  readonly kind: 'own' | 'running';
  /** For the gateway of the drill. */
  readonly configuration: Configuration;
  /** Looks for the process of a node. Rejects with OperatorError when it must be left alone. */
  findVictim(node: NodeView): Promise<Victim>;
  /** Ends what the drill has started. */
  stop(): Promise<void>;
}

/** The process of a node. */
export interface Victim {
  readonly name: string;
  readonly pid: number;
  /** Who starts it again, in words; null when nobody does, but a person. */
  readonly reviver: string | null;
  readonly strike: (strike: Strike) => void;
  /** Undoes it: thaws the process, or has another started once this one is gone. The first step is taken at once. */
  readonly revive: (strike: Strike) => Promise<void>;
}
