import { readFileSync } from 'node:fs'

/** Of /proc: user and system time in hundredths of a second, the fields 14 and 15 of proc_pid_stat(5). */
const [utime, stime, ticks] = [11, 12, 100]

/** Processor seconds of a process so far. Unlike elapsed time, what else runs on the machine hardly shows in it. */
export function processorSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[utime]) + Number(fields[stime])) / ticks
}

/** Megabytes of a process that lie in memory now (VmRSS), and at most so far (VmHWM). */
export function residentMegabytes(pid: number): { readonly now: number; readonly peak: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (field: string): number =>
    (Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(text)?.[1]) * 1024) / 1e6
  return { now: of('VmRSS'), peak: of('VmHWM') }
}
