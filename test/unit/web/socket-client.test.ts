import { assert, double, nat, property } from 'fast-check';
import { expect, test } from 'vitest';
import { pauseMs } from '../../../web/socket-client.js';

test('the first attempts follow quickly, for a gateway that is started anew', () => {
  expect([0, 1, 2, 3].map((retries) => pauseMs(retries, 0.5))).toEqual([150, 300, 600, 1_200]);
});

test('however many have failed, the next one comes within four seconds, and not for all pages at once', () => {
  assert(
    property(nat(100_000), double({ min: 0, max: 1, noNaN: true }), (retries, chance) => {
      const pause = pauseMs(retries, chance);
      expect(pause).toBeGreaterThan(100);
      expect(pause).toBeLessThan(4_000);
    }),
  );
  expect(pauseMs(50, 0)).toBeLessThan(pauseMs(50, 1) * 0.7);
});
