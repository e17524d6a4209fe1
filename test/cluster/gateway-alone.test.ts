import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Place, build } from '../support/launched.js';
import { waitFor } from '../../src/trial/wait-for.js';

let place: Place;
beforeAll(build);
beforeEach(async () => {
  place = await Place.create();
});
afterEach(() => place.leave());

const readiness = async () =>
  (await fetch(`${place.url}/readyz`, { headers: { connection: 'close' } })).status;

describe('npm run gateway', () => {
  test('waits for nodes that come up later, and then serves them', async () => {
    const gateway = place.run('bundled/main.js');
    await gateway.waitForOutput(/Listening on/);
    await gateway.waitForOutput(/instance003 is unreachable/);
    expect(await readiness()).toBe(503);
    const nodes = place.run('local/cluster.js');
    await nodes.waitForOutput(/Ctrl-C stops/);
    await waitFor('the gateway is ready', async () => (await readiness()) === 200);
    expect(await place.query('{ employees(first: 1) { nodes { name } } }')).toEqual({
      employees: { nodes: [{ name: 'John Doe' }] },
    });
    // Said once, not at each attempt.
    expect(gateway.output.match(/instance003 is unreachable/g)).toHaveLength(1);
    gateway.signal('SIGTERM');
    expect(await gateway.exit()).toBe(0);
    expect(await place.nodeProcesses()).toHaveLength(3);
  });

  test('ends when the nodes refuse its login, and says what to do without showing the password', async () => {
    const nodes = place.run('local/cluster.js');
    await nodes.waitForOutput(/Ctrl-C stops/);
    const gateway = place.run('bundled/main.js', { TARANTOOL_PASSWORD: 'hidden' });
    expect(await gateway.exit()).toBe(1);
    expect(gateway.output).toMatch(
      /The nodes refuse user "gateway": .*Set TARANTOOL_PASSWORD to its password/,
    );
    expect(gateway.output).not.toContain('hidden');
  });

  test('says so when its port is in use', async () => {
    const first = place.run('bundled/main.js');
    await first.waitForOutput(/Listening on/);
    const second = place.run('bundled/main.js');
    expect(await second.exit()).toBe(1);
    expect(second.output).toMatch(/Cannot listen on .*set PORT to another/);
  });
});
