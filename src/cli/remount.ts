import { spawnSync } from 'node:child_process'
import { Trouble } from '../terms/trouble.ts'

/**
 * `mount -o remount,ro DIR` and back, as mount(8) hands it to its helpers: the kernel alone has to know. Throws Trouble
 * `mount-point` with the words of mount(8).
 */
export function remount(directory: string, options: readonly string[]): void {
  // -i: without a helper, which is who asks.
  const args = ['-i', '-o', ['remount', ...options].join(','), '--', directory]
  const { status, stderr, error } = spawnSync('mount', args, { encoding: 'utf8' })
  if (status === 0) return
  const why = error?.message ?? stderr.trim()
  throw new Trouble('mount-point', `${directory} stays mounted as it is: ${why}`)
}
