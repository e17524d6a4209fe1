import { expect, test } from 'vitest';
import { timingOf } from '../../../src/cluster-config/timing.js';

test('the times of the nodes are Tarantool’s defaults and ours, unless the configuration says otherwise', () => {
  expect(timingOf([{}])).toEqual({ failoverMs: 9_500, outcomesKeptMs: 600_000 });
  const options = {
    replication: { timeout: 0.25, election_timeout: 1 },
    roles_cfg: { 'roles.employees': { keep_outcomes_for: 30 } },
  };
  expect(timingOf([options])).toEqual({ failoverMs: 2_100, outcomesKeptMs: 30_000 });
});

test('the slowest node decides how long a failover takes, the most forgetful what is remembered', () => {
  const slow = { replication: { timeout: 2, election_timeout: 1 } };
  const forgetful = { roles_cfg: { 'roles.employees': { keep_outcomes_for: 10 } } };
  expect(timingOf([slow, forgetful])).toEqual({ failoverMs: 9_500, outcomesKeptMs: 10_000 });
});
