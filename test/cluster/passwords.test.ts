import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { waitForReplication } from '../support/replication.js';

const passwords: Readonly<Record<string, string>> = {
  admin: 'canary-of-admin',
  replicator: 'canary-of-replicator',
  gateway: 'canary-of-gateway',
};

const cluster = useCluster({
  adjust: (config) => {
    const { users } = Object(config['credentials']);
    for (const [user, password] of Object.entries(passwords)) users[user].password = password;
  },
});

test('No password is in the log of a node, its command line or its environment, whoever has led', async () => {
  await waitForReplication(cluster());
  const first = await cluster().waitForLeader();
  await cluster().kill(first);
  await cluster().waitForLeader({ not: first });
  await cluster().restart(first);
  await waitForReplication(cluster());

  for (const name of cluster().names) {
    const { pid, logPath } = cluster().process(name);
    const places = {
      log: await readFile(logPath, 'utf8'),
      'command line': await readFile(join('/proc', String(pid), 'cmdline'), 'utf8'),
      environment: await readFile(join('/proc', String(pid), 'environ'), 'utf8'),
    };
    for (const [place, text] of Object.entries(places)) {
      expect(text.length, `${place} of ${name}`).toBeGreaterThan(0);
      const leaks = text.split('\n').filter((line) => line.includes('canary'));
      expect({ name, place, leaks }).toEqual({ name, place, leaks: [] });
    }
  }
});
