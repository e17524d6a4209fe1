import type { Writable } from 'node:stream';

/**
 * What is written to one connection in one turn of the event loop leaves in one system call: with ten thousand listeners,
 * those are what a change of leadership costs.
 */
export class SocketTurn {
  #isOpen = false;
  /** Whether nothing of earlier turns was left in this process when this one began. */
  #isPrompt = true;

  /**
   * Has something written, which calls back when it has left this process. Resolves at once while the other end keeps up: then
   * it is on its way with this turn. Else when it has left, or nobody reads it any more: that is what makes a slow reader a
   * slow listener.
   */
  send(socket: Writable, write: (onLeft: () => void) => void): Promise<void> {
    if (!this.#isOpen) this.#begin(socket);
    if (!this.#isPrompt) return new Promise((resolve) => write(resolve));
    write(() => {});
    return Promise.resolve();
  }

  #begin(socket: Writable): void {
    this.#isOpen = true;
    this.#isPrompt = socket.writableLength === 0;
    socket.cork();
    // Comes when all promises that are settled by now have been followed to their end.
    process.nextTick(() => {
      this.#isOpen = false;
      socket.uncork();
    });
  }
}
