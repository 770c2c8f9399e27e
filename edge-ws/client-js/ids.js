/** Ids of messages and requests. */

/** @type {typeof import('./rejoin.js').newId} */
export function newId() {
  const isSecure = 'randomUUID' in (globalThis.crypto ?? {}); // a page loaded over plain HTTP has no randomUUID
  if (isSecure) return crypto.randomUUID();
  const bytes = globalThis.crypto?.getRandomValues?.(new Uint8Array(16))
    ?? Array.from({ length: 16 }, () => Math.floor(Math.random() * 256));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
