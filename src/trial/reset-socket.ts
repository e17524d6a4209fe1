import type { Socket } from 'node:net';

/**
 * Ends a connection with a reset, as a process that dies does. One whose own side is closed already is closed only: libuv
 * refuses to reset it, and Node then keeps its handle for ever.
 */
export function resetSocket(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
