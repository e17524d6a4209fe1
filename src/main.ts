import { once } from 'node:events';
import { systemClock } from './clock.js';
import { readConfiguration } from './configuration.js';
import { createGateway } from './gateway.js';
import { openLog } from './log.js';
import { checkLogin } from './login-check.js';
import { runCommand } from './run-command.js';

/** `npm run gateway`: the gateway alone, for nodes that somebody else runs. */
await runCommand(async ({ signal }) => {
  const configuration = await readConfiguration(process.env);
  const { settings, cluster, login } = configuration;
  const logger = openLog(settings);
  const gateway = await createGateway(configuration, logger);
  try {
    const { url } = await gateway.start();
    const nodes = cluster.nodes.map(({ name }) => name);
    for (const warning of configuration.warnings) logger.warn(warning);
    logger.info({ url, nodes }, `Listening on ${url}/graphql for the nodes of ${cluster.path}`);
    // Nodes that cannot be reached may come up later; a login that they refuse does not mend itself.
    await checkLogin({ nodes: cluster.nodes, login, clock: systemClock, signal });
    if (!signal.aborted) await once(signal, 'abort');
    logger.info('Stopping');
  } finally {
    await gateway.stop();
  }
  return 0;
});
