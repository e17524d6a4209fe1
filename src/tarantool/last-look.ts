/**
 * Calls back after `delayMs`, and after the sockets have been read once more: when this process was busy for a while,
 * its timers fire before it sees what came in time. Returns the way to cancel.
 */
export function afterLastLook(delayMs: number, callback: () => void): () => void {
  let look: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    look = setImmediate(callback);
  }, delayMs);
  return () => {
    clearTimeout(timer);
    clearImmediate(look);
  };
}
