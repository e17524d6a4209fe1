import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type Operation, answerOf, fetchRows } from './answers.js';
import { Employees } from './employees.js';

/** node:http and the driver: reads the request, calls once, writes the answer. No GraphQL, no checks. */
const employees = await Employees.connect();
const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => void answer(parseOperation(Buffer.concat(chunks).toString()), response));
});
// As Fastify has it: between two loads, connections stay.
server.keepAliveTimeout = 72_000;
server.listen(Number(process.env['PORT']), '127.0.0.1');

async function answer(operation: Operation, response: ServerResponse): Promise<void> {
  const body = Buffer.from(JSON.stringify(answerOf(operation, await fetchRows(employees, operation))));
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
  });
  response.end(body);
}

function parseOperation(body: string): Operation {
  return JSON.parse(body);
}
