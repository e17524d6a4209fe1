import { FakeTarantool } from './fake-tarantool.js';
import type { FakePeer, FakeRequest } from './fake-tarantool.js';
import { RealTarantool } from './real-tarantool.js';

/** A node, fake or real, with the functions below and a user `gateway` whose password is `secret`. */
export interface NodeHarness {
  readonly port: number;
  /** Sockets that it holds within this process. */
  readonly openSockets: number;
  /** Stops it from doing anything, as SIGSTOP does. */
  freeze(): void;
  thaw(): void;
  /** Kills it, frozen or not. */
  stop(): Promise<void>;
}

/** What one suite of tests runs against. Both know: echo, rows, nap, say, refuse, and secret, which is forbidden. */
export const harnesses: readonly { kind: string; start: (port?: number) => Promise<NodeHarness> }[] = [
  { kind: 'a fake node', start: startFake },
  {
    kind: 'a real Tarantool',
    start: (port) => RealTarantool.start(functions, port === undefined ? {} : { port }),
  },
];

const functions = `
  local fiber = require('fiber')
  function echo(...)
      local values = {}
      for index = 1, select('#', ...) do
          local value = select(index, ...)
          values[index] = value == nil and box.NULL or value
      end
      return {status = 'ok', values = setmetatable(values, {__serialize = 'seq'})}
  end
  function rows(count)
      local rows = {}
      for id = 1, count do
          rows[id] = {id, 'Employee ' .. id, 'Engineer', 1000 + id}
      end
      return {status = 'ok', rows = rows}
  end
  function nap(seconds)
      fiber.sleep(seconds)
      return {status = 'ok', slept = seconds}
  end
  function say(value)
      return value
  end
  function refuse(number)
      box.error{code = number, reason = 'As was asked for'}
  end
  function secret()
      return {status = 'ok'}
  end
  box.schema.user.create('gateway', {password = 'secret'})
  for _, name in ipairs{'echo', 'rows', 'nap', 'say', 'refuse'} do
      box.schema.func.create(name)
      box.schema.user.grant('gateway', 'execute', 'function', name)
  end
  box.schema.func.create('secret')
`;

async function startFake(port?: number): Promise<FakeTarantool> {
  const fake = await FakeTarantool.start(port);
  fake.onCall = answerAsReal;
  return fake;
}

function answerAsReal(request: FakeRequest, peer: FakePeer): void {
  const [arg] = request.args;
  switch (request.fn) {
    case 'echo':
      return peer.reply(request, { status: 'ok', values: request.args });
    case 'rows':
      return peer.reply(request, { status: 'ok', rows: employees(Number(arg)) });
    case 'nap':
      return void setTimeout(() => peer.reply(request, { status: 'ok', slept: arg }), Number(arg) * 1000);
    case 'say':
      return peer.reply(request, arg);
    case 'refuse':
      return peer.fail(request, Number(arg), 'As was asked for');
    case 'secret':
      return peer.fail(request, 42, "Execute access to function 'secret' is denied for user 'gateway'");
    default:
      return peer.fail(request, 33, `Procedure '${request.fn}' is not defined`);
  }
}

const employees = (count: number): unknown[] =>
  Array.from({ length: count }, (_, index) => [index + 1, `Employee ${index + 1}`, 'Engineer', 1001 + index]);
