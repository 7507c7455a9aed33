import { readFileSync } from 'node:fs'

/** The bit of SIGKILL in the masks of proc_pid_status(5). */
const killBit = 1n << 8n

/**
 * Whether a thread is being killed. The kernel turns every signal that ends a process into a pending SIGKILL for each of its
 * threads. True as well when it cannot be known (a caller in another pid namespace).
 */
export function hasFatalSignal(thread: number): boolean {
  try {
    return isKilled(readFileSync(`/proc/${thread}/status`, 'latin1'))
  } catch {
    return true
  }
}

/** Whether such a status shows SIGKILL among the pending signals of the thread or its process. */
export function isKilled(status: string): boolean {
  const pending = status.matchAll(/^(?:SigPnd|ShdPnd):\s*([0-9a-f]+)$/gm)
  return [...pending].some((match) => (BigInt(`0x${match[1]}`) & killBit) !== 0n)
}
