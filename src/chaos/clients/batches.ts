import type { BatchSighting } from '../check-batches.js';
import { takeTurns } from '../../trial/take-turns.js';
import type { Workshop } from './turns.js';

const thinkMs = 40;
/** A reader looks at the latest ones: there it may see half of one. */
const recent = 3;

/** What the positions of all batches begin with: each has its own, by which it is found again. */
export const batchPosition = 'Batch';

/** Employees that come several at a time, and somebody who counts them. */
export class Batches {
  readonly #workshop: Workshop;
  readonly #sightings: BatchSighting[] = [];
  #count = 0;

  constructor(workshop: Workshop) {
    this.#workshop = workshop;
  }

  get sightings(): readonly BatchSighting[] {
    return this.#sightings;
  }

  async runWriter(client: string): Promise<void> {
    const { api, history, signal, random } = this.#workshop;
    await takeTurns(signal, thinkMs, async () => {
      const name = `${batchPosition} ${(this.#count += 1)}`;
      const size = 2 + Math.floor(random() * 6);
      const rows = Array.from({ length: size }, (_, index) => ({
        name: `${name}, ${index + 1} of ${size}`,
        position: name,
        salary: 1,
      }));
      const complete = history.begin(client, { workload: 'batch', name, size });
      complete(await api.addAll(rows));
    });
  }

  async runReader(): Promise<void> {
    const { api, signal, random } = this.#workshop;
    await takeTurns(signal, thinkMs, async () => {
      const number = this.#count - Math.floor(random() * recent);
      if (number < 1) return;
      const name = `${batchPosition} ${number}`;
      const invokedAt = performance.now();
      const found = await api.countOf(name, { consistency: 'LEADER' });
      if (found !== null) this.#sightings.push({ name, found, invokedAt, source: 'leader' });
    });
  }
}
