import { WebSocket } from 'ws';

/*
 * A process of its own, so that what it does not read is in no memory but the kernel's: subscribes as often as it is told,
 * over a WebSocket each, and reads nothing any more after the first event. Says when that is so; ends with its input.
 */

const [url = '', query = '', count = '0'] = process.argv.slice(2);

const stall = () =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws');
    socket.on('error', reject);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
    socket.addEventListener('message', ({ data }) => {
      const { type } = JSON.parse(typeof data === 'string' ? data : '{}');
      if (type === 'connection_ack') {
        socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query } }));
      } else if (type === 'next') {
        socket.pause();
        resolve(undefined);
      }
    });
  });

for (let left = Number(count); left > 0; left -= 50) {
  await Promise.all(Array.from({ length: Math.min(left, 50) }, stall));
}
process.stdout.write('stalled\n');
process.stdin.on('end', () => process.exit()).resume();
