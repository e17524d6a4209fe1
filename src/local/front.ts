import type { Address } from '../cluster-config/address.js';
import type { Configuration } from '../configuration.js';
import type { LocalNodeControl } from '../http/local-nodes.js';
import type { ReplicaSetObserver } from '../replicaset/replica-set.js';
import type { Settings } from '../settings.js';

/** What looks at the nodes once they are started: the gateway, or an observer alone. */
export interface Front {
  readonly observer: ReplicaSetObserver;
  /** Where the gateway is served; null without one. */
  readonly url: string | null;
  /** Resolves when the cluster serves, that is when a leader is writable. Rejects with the signal's reason. */
  ready(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** How to open a front. */
export interface FrontKind {
  /** Known before anything is started, so that a taken port is told at once. */
  readonly listensOn: (settings: Settings) => Address | null;
  readonly open: (configuration: Configuration, localNodes: LocalNodeControl) => Promise<Front>;
}
