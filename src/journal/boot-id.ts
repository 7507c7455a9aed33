import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

/**
 * 16 bytes that change when the machine restarts, as the kernel gives them (man 4 random). Where it gives none, random
 * ones: each start of the program then counts as one of the machine, which loses what was not synced but never trusts
 * what may not be there.
 */
export function currentBootId(): Buffer {
  try {
    const text = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')
    const bytes = Buffer.from(text.trim().replaceAll('-', ''), 'hex')
    if (bytes.length === 16) return bytes
  } catch {
    // Not Linux.
  }
  return randomBytes(16)
}
