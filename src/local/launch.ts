import { once } from 'node:events';
import { type Configuration, readConfiguration } from '../configuration.js';
import { checkEntrance } from '../entrance.js';
import { ReleaseStack } from '../release-stack.js';
import type { ReplicaSetObserver } from '../replicaset/replica-set.js';
import { waitForView } from '../replicaset/wait-for-view.js';
import type { Ending } from '../run-command.js';
import { type Terminal, openTerminal } from '../terminal.js';
import { timeLimit } from '../time-limit.js';
import { installTarantoolPackage } from './debian-package.js';
import { secondsSinceCommand } from './elapsed.js';
import type { Front, FrontKind } from './front.js';
import type { LocalNodes, LostNode } from './local-nodes.js';
import { NodeControl } from './node-control.js';
import { addNewNodes } from './new-nodes.js';
import { describeChange, describeFailedNode, describeLateStart, describeLoss } from './news.js';
import { checkLogin } from './preflight.js';
import { prepareNodes } from './prepare-nodes.js';
import { makeStalePages } from './stale-pages.js';
import { renderSummary } from './summary.js';
import { type TarantoolBinary, findTarantool } from './tarantool-binary.js';

/** A first start takes two or three seconds; a machine that needs more than a minute has another problem. */
const startLimitMs = 60_000;
/** Followers answer moments after the leader; the table does not wait longer for one that does not. */
const followersLimitMs = 3_000;

interface Launch {
  readonly configuration: Configuration;
  readonly kind: FrontKind;
  readonly tarantool: TarantoolBinary;
  readonly terminal: Terminal;
  readonly ending: Ending;
  readonly releases: ReleaseStack;
}

/**
 * Starts the nodes of the configuration on this machine and a front for them, prints what runs where, and keeps all of it
 * running until it is asked to end. Then stops in order: the front, the followers, the leader. Resolves to the exit code.
 */
export async function launch(ending: Ending, kind: FrontKind): Promise<number> {
  const terminal = openTerminal(process.stdout, process.env);
  const configuration = await readConfiguration(process.env);
  checkLogin(configuration);
  const serves = kind.listensOn(configuration.settings) !== null;
  const warnings = [...configuration.warnings, ...(serves ? checkEntrance(configuration) : [])];
  for (const warning of warnings) terminal.say(terminal.paint('yellow', warning));
  const tarantool = await findTarantool({
    wanted: configuration.settings.tarantool,
    searchPath: process.env['PATH'] ?? '',
    install: () => installTarantoolPackage(terminal, ending.signal),
  });
  const releases = new ReleaseStack();
  try {
    await run({ configuration, kind, tarantool, terminal, ending, releases });
    return 0;
  } finally {
    const released = releases.releaseAll();
    if (ending.signal.aborted) {
      await terminal.during('Stopping', released);
      terminal.say(`Everything is stopped; the data stays in ${configuration.settings.dataDir}`);
    }
    await released;
  }
}

async function run(context: Launch): Promise<void> {
  const { configuration, kind, tarantool, terminal, ending, releases } = context;
  const place = { configuration, gateway: kind.listensOn(configuration.settings) };
  const nodes = await prepareNodes(place, { tarantool, terminal, releases });
  ending.signal.throwIfAborted();
  let observer: ReplicaSetObserver | null = null;
  releases.push(() => nodes.stop({ last: lastLeader(observer) }));
  ending.onForced = () => nodes.kill();
  // Until everything serves, the end of a node is the end of the start.
  const lost = new AbortController();
  const fail = async (node: LostNode) => lost.abort(await describeFailedNode(node));
  const stopFailing = nodes.onLost((node) => void fail(node));
  await nodes.start();

  const front = await kind.open(configuration, new NodeControl(nodes, (line) => terminal.say(line)));
  releases.push(() => front.stop());
  observer = front.observer;
  await waitUntilServing(front, lost.signal, context);
  const seconds = secondsSinceCommand();
  await waitForFollowers(front, ending);
  lost.signal.throwIfAborted();
  const { dataDir } = configuration.settings;
  const { view } = front.observer;
  const summary = { url: front.url, view, pids: nodes.pids, tarantool, dataDir, seconds };
  terminal.say(renderSummary(summary, terminal.paint));
  releases.push(tellChanges(front, nodes, context));
  if (front.url !== null) releases.push(makeStalePages(terminal));
  stopFailing();
  if (!ending.signal.aborted) await once(ending.signal, 'abort');
}

const lastLeader = (observer: ReplicaSetObserver | null): string | null =>
  observer === null ? null : (observer.view.leader ?? observer.view.previousLeader);

/** Rejects with OperatorError when a node is lost meanwhile, or nobody leads in time. */
async function waitUntilServing(
  front: Front,
  lost: AbortSignal,
  { configuration, terminal, ending }: Launch,
): Promise<void> {
  const limit = timeLimit(startLimitMs);
  try {
    const ready = front.ready(AbortSignal.any([ending.signal, lost, limit]));
    await terminal.during('Waiting for a leader', ready);
  } catch (error) {
    throw limit.aborted
      ? describeLateStart(front.observer.view, startLimitMs, configuration.settings.dataDir)
      : error;
  }
}

async function waitForFollowers({ observer }: Front, ending: Ending): Promise<void> {
  const enough = timeLimit(followersLimitMs, ending.signal);
  const everyone = waitForView(
    observer,
    ({ nodes }) => nodes.every(({ reach }) => reach === 'reachable'),
    enough,
  );
  await everyone.catch(() => {});
}

/** Tells the person at the terminal what happens; on SIGUSR2 the nodes of config.yaml are started that do not run. */
function tellChanges({ observer }: Front, nodes: LocalNodes, context: Launch): () => void {
  const { terminal } = context;
  const stopTellingLosses = nodes.onLost((lost) => terminal.say(describeLoss(lost, process.pid)));
  const stopTellingLeaders = observer.onLeadership((event) => terminal.say(describeChange(event)), {
    isPatient: true,
  });
  const start = async () => {
    const known = nodes.names;
    for (const { name, pid } of await nodes.start(await addNewNodes(nodes, context)))
      terminal.say(`${name} is started${known.includes(name) ? ' again' : ''} (process ${pid})`);
  };
  const restart = () => void start().catch((error: unknown) => terminal.say(String(error)));
  process.on('SIGUSR2', restart);
  return () => {
    process.off('SIGUSR2', restart);
    stopTellingLosses();
    stopTellingLeaders();
  };
}
