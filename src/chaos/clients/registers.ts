import { randomUUID } from 'node:crypto';
import type { Outcome } from '../../trial/history.js';
import type { RegisterAction } from '../linearizability.js';
import { takeTurns } from '../../trial/take-turns.js';
import { type Workshop, untilKnown } from './turns.js';

/** An employee whose salary several clients read and change. */
interface Register {
  readonly id: number;
  readonly name: string;
  readonly initial: number;
  uses: number;
  /** What somebody last heard that it is: a guess for a compare-and-set. */
  lastHeard: number;
}

const thinkMs = 15;
const atATime = 3;
/** Then another takes its place: what a check of the order costs grows faster than its length. */
const usesEach = 300;

export const registerPosition = 'Register';

/** Registers that clients share, made when they are needed. Each value is written once, so that a read tells by whom. */
export class Registers {
  readonly #workshop: Workshop;
  readonly #consistencies: readonly ('LEADER' | 'LINEARIZABLE')[];
  readonly #current: (Promise<Register | null> | null)[] = Array.from({ length: atATime }, () => null);
  readonly #initials = new Map<string, number>();
  #count = 0;
  #lastValue = 0;

  constructor(workshop: Workshop, options: { readonly linearizableReads: boolean }) {
    this.#workshop = workshop;
    this.#consistencies = options.linearizableReads ? ['LEADER', 'LINEARIZABLE'] : ['LEADER'];
  }

  /** With what value each began. */
  get initials(): ReadonlyMap<string, number> {
    return this.#initials;
  }

  /** Runs one client until the signal. */
  async runClient(client: string): Promise<void> {
    const { signal, random } = this.#workshop;
    await takeTurns(signal, thinkMs, async () => {
      const register = await this.#take(Math.floor(random() * atATime));
      if (register === null) return;
      const step = this.#draw(register);
      const complete = this.#workshop.history.begin(client, {
        workload: 'register',
        register: register.name,
        step,
      });
      const outcome = await this.#perform(register, step);
      if (outcome.kind === 'ok' && outcome.value !== null) register.lastHeard = outcome.value;
      complete(outcome);
    });
  }

  async #take(place: number): Promise<Register | null> {
    const current = await (this.#current[place] ??= this.#create());
    if (current !== null && (current.uses += 1) <= usesEach) return current;
    this.#current[place] = null;
    return null;
  }

  async #create(): Promise<Register | null> {
    const name = `register ${(this.#count += 1)}`;
    const initial = this.#nextValue();
    const row = { name, position: registerPosition, salary: initial };
    const key = randomUUID();
    const outcome = await untilKnown(() => this.#workshop.api.add(row, key));
    if (outcome.kind !== 'ok' || outcome.value === null) return null;
    this.#initials.set(name, initial);
    return { id: outcome.value, name, initial, uses: 0, lastHeard: initial };
  }

  #draw({ lastHeard }: Register): RegisterAction {
    const choice = this.#workshop.random();
    if (choice < 0.45) return { kind: 'read' };
    const value = this.#nextValue();
    return choice < 0.65 ? { kind: 'write', value } : { kind: 'compare-and-set', expected: lastHeard, value };
  }

  #perform({ id }: Register, step: RegisterAction): Promise<Outcome> {
    const { api, random } = this.#workshop;
    const idempotencyKey = randomUUID();
    switch (step.kind) {
      case 'read': {
        const consistency =
          this.#consistencies[Math.floor(random() * this.#consistencies.length)] ?? 'LEADER';
        return api.salaryOf(id, { consistency });
      }
      case 'write':
        return api.setSalary(id, { salary: step.value, idempotencyKey });
      case 'compare-and-set':
        return api.setSalary(id, { salary: step.value, expected: step.expected, idempotencyKey });
      default:
        return step satisfies never;
    }
  }

  #nextValue(): number {
    return (this.#lastValue += 1);
  }
}
