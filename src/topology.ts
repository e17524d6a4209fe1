import { systemClock } from './clock.js';
import { readConfiguration } from './configuration.js';
import { silentLog } from './log.js';
import { openReplicaSet } from './replicaset/open-replica-set.js';
import type { ReplicaSetView } from './replicaset/view.js';
import { waitForView } from './replicaset/wait-for-view.js';
import { runCommand } from './run-command.js';
import { openTerminal } from './terminal.js';
import { timeLimit } from './time-limit.js';
import { renderTopology, renderVerdict, whyNotWritable } from './topology-text.js';

/** A node that is well answers in milliseconds; one that is frozen is known to be after a second of silence. */
const patienceMs = 2_000;

/** True when waiting longer would not tell more: everybody has been asked, and somebody leads. */
const isSettled = ({ state, nodes }: ReplicaSetView) =>
  state === 'led' && nodes.every(({ reach }) => reach !== 'unknown');

/** `npm run topology`: asks the nodes themselves, with or without a gateway. `-- --json` for machines. */
await runCommand(async ({ signal }) => {
  const { settings, cluster, login } = await readConfiguration(process.env);
  const { pollIntervalMs, maxWaitingRequests, maxWaitingBytes } = settings;
  const shared = { clock: systemClock, log: silentLog, pollIntervalMs, maxWaitingRequests, maxWaitingBytes };
  const replicaSet = openReplicaSet({ nodes: cluster.nodes, ...login, ...shared });
  try {
    replicaSet.start();
    const limit = timeLimit(patienceMs, signal);
    await waitForView(replicaSet, isSettled, limit).catch(() => {});
  } finally {
    await replicaSet.stop();
  }
  const { view } = replicaSet;
  const terminal = openTerminal(process.stdout, process.env);
  if (process.argv.includes('--json')) {
    terminal.say(JSON.stringify({ name: cluster.name, ...view }, null, 2));
  } else {
    terminal.say(`${renderTopology(cluster.name, view, terminal.paint)}\n`);
    terminal.say(renderVerdict(view, terminal.paint));
  }
  return whyNotWritable(view) === null ? 0 : 1;
});
