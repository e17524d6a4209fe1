import { relative } from 'node:path';
import { readConfiguration } from '../configuration.js';
import { installTarantoolPackage } from '../local/debian-package.js';
import { findTarantool } from '../local/tarantool-binary.js';
import type { Terminal } from '../terminal.js';
import type { DrilledCluster } from './drilled-cluster.js';
import { startOwnCluster } from './own-cluster.js';
import { joinRunningCluster } from './running-cluster.js';
import { judgeSurvey, surveyNodes } from './survey.js';

/** Ten times a second, however seldom the operator's own gateway does it: the drill is about milliseconds. */
const pollIntervalMs = 100;

/**
 * The cluster of CLUSTER_CONFIG if all of it runs, or a new one if none of it does; what the drill starts goes into
 * `directory`. Rejects with OperatorError when it should be neither.
 */
export async function openCluster(
  terminal: Terminal,
  { directory, signal }: { directory: string; signal: AbortSignal },
): Promise<DrilledCluster> {
  const found = await readConfiguration(process.env);
  const settings = {
    ...found.settings,
    host: '127.0.0.1',
    port: 0,
    // Nobody but the drill knows of its gateway.
    jwtJwksUrl: null,
    jwtKeyFile: null,
    pollIntervalMs: Math.min(found.settings.pollIntervalMs, pollIntervalMs),
  };
  const configuration = { ...found, settings };
  const { nodes } = found.cluster;
  const path = shorten(found.cluster.path);
  const view = await terminal.during(`Looking for the nodes of ${path}`, surveyNodes(configuration, signal));
  if (judgeSurvey(view) === 'running') {
    terminal.say(`The ${nodes.length} nodes of ${path} run: ${view.leader} leads term ${view.term}`);
    for (const warning of found.warnings) terminal.say(warning);
    return joinRunningCluster(configuration);
  }
  const [first] = view.nodes;
  terminal.say(
    `No node of ${path} answers (${first?.name}: ${first?.problem}), so the drill starts three of its own`,
  );
  const tarantool = await findTarantool({
    wanted: settings.tarantool,
    searchPath: process.env['PATH'] ?? '',
    install: () => installTarantoolPackage(terminal, signal),
  });
  const starting = startOwnCluster(tarantool, { directory, settings });
  return terminal.during(`Starting three nodes of Tarantool ${tarantool.version}`, starting);
}

/** As a person in the working directory would write it. */
function shorten(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
