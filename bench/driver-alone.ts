import { answerOf, fetchRows, type Operation } from './answers.js';
import { Employees } from './employees.js';

/** What the benchmark sends: the bodies that it sends to servers, and what they answer. */
interface Order {
  readonly requests: readonly { readonly body: string; readonly expected: string }[];
  readonly lanes: number;
  readonly durationMs: number;
  readonly maxAnswers: number;
}

/** One answer of so many is compared with what is expected. */
const answersPerCheck = 64;

/** No server at all: as many callers as servers have connections, each with one call under way. */
const employees = await Employees.connect();

async function drive({ requests, lanes, durationMs, maxAnswers }: Order): Promise<object> {
  const operations = requests.map(({ body, expected }) => ({ operation: parseOperation(body), expected }));
  const latenciesMs: number[] = [];
  const problems: string[] = [];
  let asked = 0;
  const startedAt = performance.now();
  async function lane(): Promise<void> {
    for (let at = startedAt; at - startedAt < durationMs && asked < maxAnswers && problems.length === 0;) {
      const next = operations[asked % operations.length];
      asked += 1;
      const isChecked = asked % answersPerCheck === 1;
      if (next === undefined) return;
      const rows = await fetchRows(employees, next.operation);
      const now = performance.now();
      latenciesMs.push(now - at);
      at = now;
      const answer = isChecked ? JSON.stringify(answerOf(next.operation, rows)) : next.expected;
      if (withoutNewId(answer) !== withoutNewId(next.expected))
        problems.push(`it has ${answer.slice(0, 200)}`);
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  return { elapsedMs: performance.now() - startedAt, latenciesMs: Float64Array.from(latenciesMs), problems };
}

function parseOperation(body: string): Operation {
  return JSON.parse(body);
}

/** The cluster numbers those who are added. */
const withoutNewId = (text: string): string =>
  text.replace(/^(\{"data":\{"addEmployee":\{"employee":\{"id":)"[^"]*"/, '$1"*"');

async function report(order: Order): Promise<void> {
  process.send?.(await drive(order));
}

process.on('message', (order: Order) => void report(order));
process.once('disconnect', () => employees.close());
process.send?.('ready');
