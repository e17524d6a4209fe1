import { systemClock } from '../clock.js';
import type { ClusterDefinition } from '../cluster-config/read.js';
import { ConfigFollower } from '../config-follower.js';
import { silentLog } from '../log.js';
import { openReplicaSet } from '../replicaset/open-replica-set.js';
import { waitForView } from '../replicaset/wait-for-view.js';
import { runCommand } from '../run-command.js';
import type { FrontKind } from './front.js';
import { launch } from './launch.js';

/** The nodes alone: watched, so that it can be told who leads, and stopped in the right order. */
const observer: FrontKind = {
  listensOn: () => null,
  open: async ({ cluster, login, settings }) => {
    const { pollIntervalMs, maxWaitingRequests, maxWaitingBytes } = settings;
    const shared = {
      clock: systemClock,
      log: silentLog,
      pollIntervalMs,
      maxWaitingRequests,
      maxWaitingBytes,
    };
    const replicaSet = openReplicaSet({ nodes: cluster.nodes, ...login, ...shared });
    const onNodes = ({ nodes }: ClusterDefinition) => replicaSet.changeMembers(nodes);
    const follower = new ConfigFollower({ cluster, login, settings, log: silentLog, onNodes });
    replicaSet.start();
    follower.start();
    return {
      observer: replicaSet,
      url: null,
      ready: async (signal) => void (await waitForView(replicaSet, ({ state }) => state === 'led', signal)),
      stop: async () => {
        await follower.stop();
        await replicaSet.stop();
      },
    };
  },
};

/** `npm run cluster` */
await runCommand((ending) => launch(ending, observer));
