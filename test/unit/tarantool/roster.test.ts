import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Roster } from '../../../src/tarantool/roster.js';

test('A roster has who was added and not deleted since, whatever the order', () => {
  const steps = fc.array(fc.record({ adds: fc.boolean(), name: fc.integer({ min: 0, max: 9 }) }));
  fc.assert(
    fc.property(steps, (story) => {
      const all = Array.from({ length: 10 }, (_, name) => ({ name, place: -1 }));
      const roster = new Roster<(typeof all)[number]>();
      const model = new Set<number>();
      for (const { adds, name } of story) {
        const [member] = all.slice(name);
        if (member === undefined || (adds && model.has(name))) continue;
        if (adds) roster.add(member);
        else expect(roster.delete(member)).toBe(model.has(name));
        if (adds) model.add(name);
        else model.delete(name);
        expect(roster.size).toBe(model.size);
        expect(new Set(roster.all().map((each) => each.name))).toEqual(model);
      }
    }),
  );
});
