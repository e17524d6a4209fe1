import cluster from 'node:cluster';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { systemClock } from './clock.js';
import { type Configuration, readConfiguration } from './configuration.js';
import { createGateway } from './gateway.js';
import { openLog } from './log.js';
import { checkLogin } from './login-check.js';
import { type Ending, runCommand } from './run-command.js';
import type { Settings } from './settings.js';
import { openWorkerLine } from './workers/worker.js';

/** Closing connections that are idle takes milliseconds. */
const patienceMs = 3_000;

/** `npm run gateway`: the gateway alone, for nodes that somebody else runs. With `-- --check`, these and its settings are looked at. */
await (process.argv.includes('--check') ? import('./check.js') : runCommand(run));

// A name of a host that is being looked up would keep the process for as long as the resolver takes.
process.exit();

async function run(ending: Ending): Promise<number> {
  const configuration = await readConfiguration(process.env);
  if (configuration.settings.workers === 1 || cluster.isWorker) return serve(configuration, ending);
  const { superviseWorkers } = await import('./workers/supervise.js');
  return superviseWorkers(configuration, { ending, patienceMs });
}

/** Serves in this process. */
async function serve(configuration: Configuration, ending: Ending): Promise<number> {
  const { settings, cluster: nodeCluster, login } = configuration;
  const logger = await openLog(settings, process.stdout);
  const stopping = new AbortController();
  const signal = AbortSignal.any([ending.signal, stopping.signal]);
  const line = openWorkerLine({
    processes: settings.workers,
    onStop: () => stopping.abort(),
    onReadConfig: () => void gateway.readConfigAgain(),
  });
  const gateway = await createGateway(configuration, logger, { siblings: line?.siblings ?? null });
  // A terminal that is closed ends it; from anybody else it means what it means to any service.
  if (!process.stdout.isTTY) ending.onHangUp = () => void gateway.readConfigAgain();
  try {
    const { url } = await gateway.start();
    const nodes = nodeCluster.nodes.map(({ name }) => name);
    for (const warning of configuration.warnings) logger.warn(warning);
    logger.info({ url, nodes }, `Listening on ${url}/graphql for the nodes of ${nodeCluster.path}`);
    line?.tellServing();
    // Nodes that cannot be reached may come up later; a login that they refuse does not mend itself.
    await checkLogin({ nodes: nodeCluster.nodes, login, clock: systemClock, signal });
    if (!signal.aborted) await once(signal, 'abort');
    logger.info('Stopping: not ready any more; what is under way is answered');
    endByForce(settings, logger);
  } finally {
    await gateway.stop();
  }
  logger.info('Stopped');
  return 0;
}

/** Nothing that hangs keeps it from ending. */
function endByForce({ stopDelayMs, stopTimeoutMs }: Settings, logger: Logger): void {
  const end = (): never => {
    logger.fatal('It has not stopped in time, and is ended by force');
    process.exit(1);
  };
  setTimeout(end, stopDelayMs + stopTimeoutMs + patienceMs).unref();
}
