import { rm } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Place, build } from '../support/launched.js';
import { waitFor } from '../../src/trial/wait-for.js';

let place: Place;
beforeAll(build);
beforeEach(async () => {
  place = await Place.create();
});
afterEach(() => place.leave());

const isUp = /Ctrl-C stops everything/;
const names = '{ employees { nodes { name } } }';
const add =
  'mutation { addEmployee(input: { name: "Ada", position: "Engineer", salary: 1 }) { employee { name } } }';

describe('npm start', () => {
  test('prints where everything is, answers, stops on SIGTERM, and finds the data at the next start', async () => {
    const first = place.npm('start');
    await first.waitForOutput(isUp);
    expect(first.output).toMatch(/First query answered \d+\.\d s after the command/);
    expect(first.output).toContain(`${place.url}/graphql`);
    expect(first.output).toContain(`${place.url.replace('http', 'ws')}/graphql`);
    expect(first.output).toContain(`${place.url}/readyz`);
    for (const [index, port] of place.ports.entries()) {
      expect(first.output).toMatch(
        new RegExp(`instance00${index + 1} +127\\.0\\.0\\.1:${port} +(leader|follower) +process \\d+`),
      );
    }
    expect(first.output).toMatch(/Leader +instance00\d, term \d+/);
    expect(first.output).toMatch(/Engine +Tarantool (2\..*development engine|3\.)/);
    expect(await place.query(names)).toEqual({
      employees: { nodes: [{ name: 'John Doe' }, { name: 'Jane Smith' }] },
    });
    await place.query(add);
    first.signal('SIGTERM');
    await first.exit();
    await waitFor('every node has stopped', async () => (await place.nodeProcesses()).length === 0);

    const second = place.run('local/start.js');
    await second.waitForOutput(isUp);
    expect(await place.query(names)).toEqual({
      employees: { nodes: [{ name: 'John Doe' }, { name: 'Jane Smith' }, { name: 'Ada' }] },
    });
    second.signal('SIGTERM');
    expect(await second.exit()).toBe(0);
    expect(await place.nodeProcesses()).toEqual([]);
  });

  test('takes a Ctrl-C that npm passes on a second time for one', async () => {
    const launched = place.run('local/start.js');
    await launched.waitForOutput(isUp);
    launched.signal('SIGINT');
    launched.signal('SIGINT');
    expect(await launched.exit()).toBe(0);
    expect(await place.nodeProcesses()).toEqual([]);
  });

  test('stops in the middle of a start', async () => {
    const launched = place.run('local/start.js');
    await waitFor('nodes are starting', async () => (await place.nodeProcesses()).length > 0);
    launched.signal('SIGINT');
    expect(await launched.exit()).toBe(0);
    expect(await place.nodeProcesses()).toEqual([]);
  });

  test('stops a frozen node, too', async () => {
    const launched = place.run('local/start.js');
    await launched.waitForOutput(isUp);
    await place.freezeNode();
    launched.signal('SIGTERM');
    expect(await launched.exit()).toBe(0);
    expect(await place.nodeProcesses()).toEqual([]);
  });

  test('keeps the others running when a node dies, says so, and starts it again when asked', async () => {
    const launched = place.run('local/start.js');
    const [, leader, pid] = await launched.waitForOutput(
      /(instance00\d) +127\S+ +leader +process (\d+)[^]*Ctrl-C/,
    );
    process.kill(Number(pid), 'SIGKILL');
    const told = new RegExp(`${leader} \\(process ${pid}\\) was ended by SIGKILL; the others go on`);
    await launched.waitForOutput(told);
    await launched.waitForOutput(/instance00\d leads term \d+, after \d+ ms without a leader/);
    expect(await place.query(names)).toEqual({
      employees: { nodes: [{ name: 'John Doe' }, { name: 'Jane Smith' }] },
    });
    launched.signal('SIGUSR2');
    await launched.waitForOutput(new RegExp(`${leader} is started again`));
    expect(await place.nodeProcesses()).toHaveLength(3);

    await place.addNode('instance004');
    launched.signal('SIGUSR2');
    await launched.waitForOutput(/instance004 is started \(process/);
    const everybody = '{ topology { quorum nodes { name reachable } } }';
    const seen = await waitFor('the gateway sees it', async () => {
      const { topology } = Object(await place.query(everybody));
      return topology.nodes.at(-1)?.name === 'instance004' && topology.nodes.at(-1)?.reachable
        ? topology
        : null;
    });
    expect(seen.quorum).toBe(3);
  });
});

describe('nodes that do not listen', () => {
  const stubborn = "case $1 in --version) echo Tarantool 3.3.0;; *) trap '' TERM; exec sleep 1000;; esac";

  test('are killed after their grace', async () => {
    const launched = place.run('local/cluster.js', {
      TARANTOOL: await place.writeProgram('stubborn', stubborn),
    });
    await waitFor('the nodes run', async () => (await place.nodeProcesses()).length === 3);
    await launched.waitForOutput(/Waiting for a leader/);
    launched.signal('SIGTERM');
    expect(await launched.exit()).toBe(0);
    expect(await place.nodeProcesses()).toEqual([]);
  });

  test('are killed at once by a second Ctrl-C', async () => {
    const launched = place.run('local/cluster.js', {
      TARANTOOL: await place.writeProgram('stubborn', stubborn),
    });
    await launched.waitForOutput(/Waiting for a leader/);
    launched.signal('SIGINT');
    await launched.waitForOutput(/Stopping/);
    const again = setInterval(() => launched.signal('SIGINT'), 100);
    expect(await launched.exit()).toBe(1);
    clearInterval(again);
    await waitFor('every node is gone', async () => (await place.nodeProcesses()).length === 0, {
      timeoutMs: 1_000,
    });
  });
});

describe('nothing is left behind', () => {
  test('when the launcher is killed with SIGKILL while one of its nodes is frozen', async () => {
    const launched = place.run('local/cluster.js');
    await launched.waitForOutput(isUp);
    await place.freezeNode();
    launched.signal('SIGKILL');
    await waitFor('every node is gone', async () => (await place.nodeProcesses()).length === 0, {
      timeoutMs: 2_000,
    });
  });

  test('when the launcher is killed at any moment of its start', async () => {
    for (const waitMs of [0, 2, 5, 10, 20, 50]) {
      const launched = place.run('local/cluster.js');
      await waitFor('a node is starting', async () => (await place.nodeProcesses()).length > 0);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      launched.signal('SIGKILL');
      await waitFor('every node is gone', async () => (await place.nodeProcesses()).length === 0, {
        timeoutMs: 2_000,
      });
      // What a first start leaves when it is cut short is another story.
      await rm(place.dataDir, { recursive: true });
    }
  });

  test('when npm is killed with SIGKILL', async () => {
    const launched = place.npm('run', 'cluster');
    await launched.waitForOutput(isUp);
    launched.signal('SIGKILL');
    await waitFor('every node is gone', async () => (await place.nodeProcesses()).length === 0);
  });
});
