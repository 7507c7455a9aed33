import { readFileSync } from 'node:fs'
import type { Caller } from './file-system.ts'

/**
 * The supplementary groups of a process, from `/proc/PID/status` (proc_pid_status(5)): the protocol tells only the
 * effective one. Undefined when it cannot be read: another pid namespace, a process that is gone, macOS.
 */
export function groupsOfProcess(pid: number): readonly number[] | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const groups = /^Groups:(.*)$/m.exec(status)?.[1]?.trim()
    return groups === undefined ? undefined : groups.split(/\s+/).filter(Boolean).map(Number)
  } catch {
    return undefined
  }
}

/** Whether a caller is in a group; root is in all. */
export function isInGroup(
  caller: Caller,
  gid: number,
  groupsOf: (pid: number) => readonly number[] | undefined = groupsOfProcess,
): boolean {
  return caller.uid === 0 || caller.gid === gid || groupsOf(caller.pid)?.includes(gid) === true
}
