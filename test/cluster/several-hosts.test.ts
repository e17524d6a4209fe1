import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { readClusterConfig } from '../../src/cluster-config/read.js';
import { createNodeDirectories } from '../../src/local/data-directory.js';
import { findLeash } from '../../src/local/leash.js';
import { LocalNodes } from '../../src/local/local-nodes.js';
import { nodeCommand } from '../../src/local/node-command.js';
import type { TarantoolBinary } from '../../src/local/tarantool-binary.js';
import { packageRoot } from '../../src/package-root.js';
import { GraphQLClient } from '../../src/trial/graphql-client.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { GatewayProcess } from '../support/gateway-process.js';
import { Hosts } from '../support/hosts.js';
import { build } from '../support/launched.js';
import { findTestTarantool } from '../support/tarantool.js';
import { Writers } from '../support/writers.js';

/*
 * deploy/config.yaml as it is, with passwords from the environment: three nodes and two gateways on five hosts, between which
 * every packet takes 5 to 20 ms, and one in a hundred is lost.
 */

const weather = { delayMs: 5, jitterMs: 15, lossPercent: 1 };
const configPath = `${packageRoot}deploy/config.yaml`;
const passwords = { ADMIN_PASSWORD: 'a', REPLICATOR_PASSWORD: 'r', GATEWAY_PASSWORD: 'g' };
const gatewayHosts = ['gateway1', 'gateway2'];

const obstacle = await Hosts.obstacle();

describe.skipIf(obstacle !== null)(
  `On several hosts${obstacle === null ? '' : ` (skipped: ${obstacle})`}`,
  () => {
    const releases: (() => Promise<unknown>)[] = [];
    afterAll(async () => {
      for (const release of releases.toReversed()) await release();
    });

    let directory = '';
    let engine: TarantoolBinary['engine'];
    let nodes: LocalNodes;
    let hosts: Hosts;
    let names: readonly string[] = [];
    let urls: readonly string[] = [];
    let client: GraphQLClient;

    async function startNodes(): Promise<void> {
      const tarantool = await findTestTarantool();
      ({ engine } = tarantool);
      directory = await mkdtemp(join(tmpdir(), 'hosts-'));
      releases.push(() => rm(directory, { recursive: true }));
      names = (await readClusterConfig(configPath)).nodes.map(({ name }) => name);
      hosts = await Hosts.create([...names, ...gatewayHosts], weather, tarantool.path);
      releases.push(() => hosts.stop());
      await createNodeDirectories(directory, names);
      const commands = names.map((name) => {
        const environment = { ...process.env, ...passwords };
        const command = nodeCommand(tarantool, { name, dataDir: directory, configPath }, environment);
        const [program = '', ...args] = hosts.on(name, [command.program, ...command.args]);
        return { ...command, program, args };
      });
      nodes = new LocalNodes(commands, await findLeash());
      releases.push(async () => {
        nodes.kill();
        await nodes.stop({ last: null });
      });
      await nodes.start();
    }

    /** Starts a node anew without its rows, as Tarantool 2.6 does by itself when it has some that no majority held. */
    async function loseRows(name: string): Promise<void> {
      nodes.process(name)?.signal('SIGKILL');
      await nodes.process(name)?.exited;
      const files = (await readdir(join(directory, name))).filter((file) => /\.(snap|xlog)$/.test(file));
      for (const file of files) await rm(join(directory, name, file));
      await nodes.start([name]);
      await waitFor(`${name} is filled again`, isWell, { timeoutMs: 30_000 });
    }

    /** A test that fails prints the logs of the nodes. */
    afterEach(async ({ task }) => {
      if (task.result?.state !== 'fail') return;
      for (const name of names) {
        const log = await readFile(join(directory, name, 'node.log'), 'utf8');
        process.stderr.write(`--- ${name}\n${log.slice(-8_000)}\n`);
      }
    });

    beforeAll(async () => {
      await build();
      await startNodes();
      urls = await Promise.all(gatewayHosts.map(startGateway));
      client = new GraphQLClient(urls[0] ?? '');
      await waitFor('somebody leads', leader, { timeoutMs: 30_000 });
    });

    /** Behind whatever terminates TLS on its host. Resolves to the URL at which this machine reaches it. */
    async function startGateway(host: string): Promise<string> {
      const gateway = await GatewayProcess.start(
        configPath,
        { TARANTOOL_PASSWORD: passwords.GATEWAY_PASSWORD },
        (command) => hosts.on(host, command),
      );
      releases.push(() => gateway.end('SIGKILL'));
      return hosts.door(host, gateway.port);
    }

    async function ask(query: string): Promise<Record<string, unknown>> {
      const answer = await client.ask({ query });
      if (answer.kind !== 'data') throw new Error(JSON.stringify(answer));
      return Object(answer.data);
    }

    async function leader(): Promise<string | null> {
      const { topology } = await ask('{ topology { leader { name } } }');
      return Object(topology).leader?.name ?? null;
    }

    /** Each node answers, and takes rows from each other. */
    async function isWell(): Promise<boolean> {
      const { topology } = await ask(
        '{ topology { leader { name } nodes { reachable replication { upstream { status } } } } }',
      );
      const seen = Object(topology).nodes;
      const links: { upstream: { status: string } | null }[] = seen.flatMap(
        ({ replication }: { replication: [] }) => replication,
      );
      const answer = seen.every(({ reachable }: { reachable: boolean }) => reachable);
      return answer && links.length === 6 && links.every(({ upstream }) => upstream?.status === 'follow');
    }

    test("clients of both gateways write through the loss of the leader's host, and nothing is lost or doubled", async () => {
      const writers = urls.map((url, index) => new Writers(`Of gateway ${index + 1}`, [url]));
      const progress = () => Promise.all(writers.map((each) => each.waitForProgress()));
      await progress();
      const first = (await leader()) ?? '';
      await hosts.unplug(first);
      await waitFor('another one leads', async () => ![null, first].includes(await leader()));
      await progress();
      await hosts.plug(first);
      await waitFor('it follows again', isWell, { timeoutMs: 30_000 });
      if (engine === 'tarantool2') await loseRows(first);
      await progress();
      for (const each of writers) await each.stop();
      await waitFor('all nodes are well', isWell);
      for (const each of writers) await each.expectAllThere(names, urls[0] ?? '');
    });
  },
);
