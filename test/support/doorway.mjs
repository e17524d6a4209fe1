// Carries what comes to a Unix socket to a port of 127.0.0.1, and back: a way into a network namespace, which files do not know.
//
//     node doorway.mjs <path of the socket> <port>
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

const [, , path, port] = process.argv;
createServer((outside) => {
  const inside = connect(Number(port), '127.0.0.1');
  pipeline(outside, inside, outside, () => {});
}).listen(path, () => process.stdout.write('The door is open\n'));
